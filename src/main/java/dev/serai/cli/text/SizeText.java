package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** How numbers of bytes are written for a terminal. */
final class SizeText {
    private SizeText() {}

    /** For example {@code 1.5 MiB}. */
    static String of(JsonNode bytes) {
        double left = bytes.asDouble();
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (left >= 1024 && unit < units.length - 1) {
            left /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", left, units[unit]);
    }
}
