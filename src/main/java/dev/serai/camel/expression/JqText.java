package dev.serai.camel.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A text with jq expressions, as in {@code EU-${jq(.id)}}, taken apart. Simple would end an expression at the first {@code }},
 * and take the quotes off one that begins and ends with some.
 */
public final class JqText {
    private static final String START = "${jq(";
    private static final String END = ")}";

    /** An expression that reads something else than the body, which only Simple can. */
    private static final Pattern OTHER_INPUT =
            Pattern.compile("(header|property|exchangeProperty|variable):[^,]*,.*", Pattern.DOTALL);

    /** One JSON text alone, as Camel's pages show it: the quotes are around the expression, not of it. */
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"\\\\]*\"");

    /**
     * @param text the expression, or what stands between two
     * @param isJq whether it is an expression of jq that reads the body
     */
    public record Part(String text, boolean isJq) {}

    private JqText() {}

    /**
     * The parts in order; not empty.
     *
     * <p>Throws {@link IllegalArgumentException} if an expression has no end.
     */
    public static List<Part> split(String text) {
        List<Part> parts = new ArrayList<>();
        int done = 0;
        for (int start = text.indexOf(START); start >= 0; start = text.indexOf(START, start + 1)) {
            int end = end(text, start + START.length());
            if (end < 0) {
                throw new IllegalArgumentException("the jq expression that begins at character " + (start + 1)
                        + " has no end, which is " + END + ", in: " + text);
            }
            String expression = text.substring(start + START.length(), end);
            if (!OTHER_INPUT.matcher(expression).matches()) {
                add(parts, text.substring(done, start));
                parts.add(new Part(unquoted(expression), true));
                done = end + END.length();
            }
            start = end;
        }
        add(parts, text.substring(done));
        return parts;
    }

    private static void add(List<Part> parts, String text) {
        if (!text.isEmpty() || parts.isEmpty()) {
            parts.add(new Part(text, false));
        }
    }

    private static String unquoted(String expression) {
        return QUOTED.matcher(expression).matches() ? expression.substring(1, expression.length() - 1) : expression;
    }

    /** The index of the expression's last parenthesis; -1 without one. */
    private static int end(String text, int from) {
        int depth = 1;
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at = endOfString(text, at + 1);
                if (at < 0) {
                    return lenientEnd(text, from);
                }
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 0) {
                return text.startsWith(END, at) ? at : lenientEnd(text, from);
            }
        }
        return lenientEnd(text, from);
    }

    /** Of what jq cannot read: jq then says why. */
    private static int lenientEnd(String text, int from) {
        return text.indexOf(END, from);
    }

    /** The index of the closing quote; -1 without one. A string may hold expressions in parentheses, and they strings. */
    private static int endOfString(String text, int from) {
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                return at;
            }
            if (c == '\\' && at + 1 < text.length()) {
                at++;
                if (text.charAt(at) == '(') {
                    int depth = 1;
                    while (depth > 0 && ++at < text.length()) {
                        char inner = text.charAt(at);
                        depth += inner == '(' ? 1 : inner == ')' ? -1 : 0;
                        at = inner == '"' ? endOfString(text, at + 1) : at;
                        if (at < 0) {
                            return -1;
                        }
                    }
                }
            }
        }
        return -1;
    }
}
