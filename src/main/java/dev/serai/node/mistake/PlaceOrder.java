package dev.serai.node.mistake;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Orders lines that begin with a place by file and number of the line. */
public final class PlaceOrder {
    public static final Comparator<String> BY_PLACE = Comparator.comparing(PlaceOrder::file)
            .thenComparing(PlaceOrder::number)
            .thenComparing(line -> line);

    private static final Pattern PLACE = Pattern.compile("(\\S+?):(\\d+): .*");

    private PlaceOrder() {}

    private static String file(String line) {
        Matcher place = PLACE.matcher(line);
        return place.matches() ? place.group(1) : line;
    }

    private static int number(String line) {
        Matcher place = PLACE.matcher(line);
        return place.matches() ? Integer.parseInt(place.group(2)) : 0;
    }
}
