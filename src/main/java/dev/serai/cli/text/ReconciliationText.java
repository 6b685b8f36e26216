package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** How a reconciliation of {@code GET /api/status} is written for a terminal. */
final class ReconciliationText {
    private ReconciliationText() {}

    /** For example {@code reconciliation orders: ok; verified through 2026-01-31T07:59:00Z}. */
    static String of(JsonNode one, Instant now) {
        String text = "reconciliation " + TerminalText.of(one.path("name")) + ": " + TerminalText.of(one.path("state"));
        if (one.hasNonNull("since")) {
            text += " since " + AgeText.of(one.path("since"), now).replace(" ago", "") + ", "
                    + TerminalText.of(one.path("reason"));
        }
        return one.hasNonNull("verifiedThrough")
                ? text + "; verified through " + TerminalText.of(one.path("verifiedThrough"))
                : text;
    }
}
