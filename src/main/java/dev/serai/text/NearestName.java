package dev.serai.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant by a misspelt one. */
public final class NearestName {
    private NearestName() {}

    /** The known name that differs in the fewest letters, if that is few enough to be meant. */
    public static Optional<String> of(String given, Collection<String> known) {
        int most = Math.max(Math.min(2, given.length() - 1), given.length() / 3);
        return known.stream()
                .sorted()
                .min(Comparator.comparingInt(name -> distance(given, name)))
                .filter(name -> distance(given, name) <= most);
    }

    /** {@code ", perhaps NAME is meant"}, or an empty text if no known name is near. */
    public static String hint(String given, Collection<String> known) {
        return of(given, known).map(name -> ", perhaps " + name + " is meant").orElse("");
    }

    /** How many letters have to be inserted, removed or replaced (Levenshtein), upper and lower case being the same. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                boolean same = Character.toLowerCase(from.charAt(i - 1)) == Character.toLowerCase(to.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j - 1], row[j]));
            }
        }
        return row[to.length()];
    }
}
