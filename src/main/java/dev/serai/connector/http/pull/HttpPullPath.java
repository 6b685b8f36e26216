package dev.serai.connector.http.pull;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A jq expression that only names a place, such as {@code .data.items}, so that an answer can be read up to there without
 * being held in memory.
 *
 * @param names from the outermost object to the place; none for the whole answer
 */
record HttpPullPath(List<String> names) {
    private static final Pattern NAME =
            Pattern.compile("\\s*+(?:\\.([A-Za-z_]\\w*+)|\\.\"([^\"\\\\]*+)\"|\\.?\\[\"([^\"\\\\]*+)\"])");

    /** The place that an expression names; null if the expression does anything else. */
    static @Nullable HttpPullPath of(String expression) {
        HttpPullPath path = start(expression);
        return path != null && expression.substring(path.length(expression)).isBlank() ? path : null;
    }

    /** The place that an expression begins with; null if it begins with anything else. */
    static @Nullable HttpPullPath start(String expression) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(expression);
        int at = 0;
        while (name.region(at, expression.length()).lookingAt()) {
            names.add(name.group(1) != null ? name.group(1) : name.group(2) != null ? name.group(2) : name.group(3));
            at = name.end();
        }
        return names.isEmpty() && !expression.strip().startsWith(".") ? null : new HttpPullPath(List.copyOf(names));
    }

    /** Where in the expression that begins with this place the place ends. */
    int length(String expression) {
        Matcher name = NAME.matcher(expression);
        int at = 0;
        while (name.region(at, expression.length()).lookingAt()) {
            at = name.end();
        }
        return names.isEmpty() ? expression.indexOf('.') + 1 : at;
    }

    /** Whether one of the two is inside the other, or both are the same. */
    boolean overlaps(HttpPullPath other) {
        int common = Math.min(names.size(), other.names.size());
        return names.subList(0, common).equals(other.names.subList(0, common));
    }

    /** Whether this place is at or below a name in the object at the first names of another place. */
    boolean isBelow(HttpPullPath other, int depth, String name) {
        return names.size() > depth
                && names.subList(0, depth).equals(other.names.subList(0, depth))
                && names.get(depth).equals(name);
    }
}
