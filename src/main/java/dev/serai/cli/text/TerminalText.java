package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.JsonText;
import dev.serai.text.LogText;

/** TerminalText for a terminal: what comes from outside must neither move the cursor nor pass for something else. */
public final class TerminalText {
    private TerminalText() {}

    /** The text with control, formatting and unpaired characters made visible, as in {@code \\u001b}. */
    public static String clean(String text) {
        return LogText.escaped(text);
    }

    /** Like {@link #clean}, but keeps line ends, for text that is shown as a block. */
    public static String cleanLines(String text) {
        return String.join("\n", text.lines().map(TerminalText::clean).toList());
    }

    /** JSON text with the same meaning, in which such characters are escaped. */
    public static String json(String text) {
        return JsonText.escaped(text);
    }

    /** A JSON value as it is shown; null as a dash. */
    public static String of(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "-" : clean(value.asText());
    }

    /** How many columns of a terminal the text takes. */
    public static int width(String text) {
        return text.codePoints().map(c -> isWide(c) ? 2 : isMark(c) ? 0 : 1).sum();
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    /** East Asian wide and emoji. See: Unicode Standard Annex #11. */
    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
    }
}
