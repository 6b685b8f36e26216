package dev.serai.text;

import org.jspecify.annotations.Nullable;

/** Text from outside, cleaned so that it can neither forge a line of a log nor control a terminal. */
public final class LogText {

    private static final int LENGTH_MAX = 120;

    private LogText() {}

    /** The value in visible ASCII, all else as Unicode escapes, cut after 120 characters; "-" when there is none. */
    public static String of(@Nullable Object value) {
        if (value == null) {
            return "-";
        }
        String text = value.toString();
        int end = Math.min(text.length(), LENGTH_MAX);
        var line = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f && c != '\\') {
                line.append(c);
            } else {
                line.append(String.format("\\u%04x", (int) c));
            }
        }
        return end < text.length() ? line.append("...").toString() : line.toString();
    }

    /** The text as one line for people: unsafe characters and white space become single spaces, cut to a length. */
    public static String line(String text, int charactersMax) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), 256));
        boolean space = false;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int c = text.codePointAt(at);
            if (Character.isWhitespace(c) || isUnsafe(c)) {
                space = line.length() > 0;
                continue;
            }
            if (line.length() + (space ? 1 : 0) + Character.charCount(c) > charactersMax) {
                return line.append('…').toString();
            }
            if (space) {
                line.append(' ');
                space = false;
            }
            line.appendCodePoint(c);
        }
        return line.toString();
    }

    /** The whole text, with unsafe characters as Unicode escapes. */
    public static String escaped(String text) {
        if (text.codePoints().noneMatch(LogText::isUnsafe)) {
            return text;
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isUnsafe(c)) {
                clean.append(String.format("\\u%04x", c));
            } else {
                clean.appendCodePoint(c);
            }
        });
        return clean.toString();
    }

    /** Control, formatting and unpaired characters, and those that no font has. */
    public static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
