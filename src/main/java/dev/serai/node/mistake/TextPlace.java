package dev.serai.node.mistake;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds lines in files of routes and settings, as {@code FILE:LINE}. */
public final class TextPlace {
    private static final Pattern PLACE = Pattern.compile("(.*):(\\d+)");

    /** What begins another route. */
    private static final Pattern NEXT = Pattern.compile("^\\s*(- (route|from|rest|routeTemplate|beans):|<route\\b)");

    /** The parameter that a reason is about. */
    private static final Pattern SUBJECT =
            Pattern.compile("(?:.*? has no parameter )?([A-Za-z]\\w*)[ :,].*", Pattern.DOTALL);

    private static final Set<String> NO_PARAMETERS = Set.of("the", "there", "a", "route", "from", "to");

    private TextPlace() {}

    /** The lines of a file; none if it cannot be read. */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            return List.of();
        } catch (IOException e) {
            return List.of(); // whoever loads the file reports it
        }
    }

    /** The line of a parameter of the endpoint at the place; the place itself if it is not found. */
    static @Nullable String ofParameter(@Nullable String endpoint, String name) {
        return below(
                endpoint,
                Pattern.compile("(^|[\\s{,\"'?&;])" + Pattern.quote(name) + "[\"']?\\s*[:=]")
                        .asPredicate());
    }

    /** The line of the parameter that a reason is about, if the endpoint or step at the place has it. */
    public static @Nullable String ofReason(@Nullable String place, String reason) {
        Matcher word = SUBJECT.matcher(reason);
        return word.matches() && !NO_PARAMETERS.contains(word.group(1)) ? ofParameter(place, word.group(1)) : place;
    }

    private static @Nullable String below(@Nullable String from, Predicate<String> wanted) {
        Matcher place = from == null ? null : PLACE.matcher(from);
        if (place == null || !place.matches()) {
            return from;
        }
        List<String> lines = lines(Path.of(place.group(1)));
        int first = Integer.parseInt(place.group(2)) - 1;
        for (int i = first; i >= 0 && i < lines.size(); i++) {
            if (i > first && NEXT.matcher(lines.get(i)).find()) {
                return from;
            }
            if (wanted.test(lines.get(i))) {
                return place.group(1) + ":" + (i + 1);
            }
        }
        return from;
    }

    /** The first line of the files that has the text; null if none has. */
    public static @Nullable String in(List<Path> files, String text) {
        for (Path file : files) {
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains(text)) {
                    return file + ":" + (i + 1);
                }
            }
        }
        return null;
    }
}
