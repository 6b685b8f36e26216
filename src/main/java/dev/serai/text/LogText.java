package dev.serai.text;

import org.jspecify.annotations.Nullable;

/** Values from outside, made fit for one line of a log. */
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
}
