package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/** How a reconciliation of {@code GET /api/status} is written for a terminal. */
final class ReconciliationText {
    private ReconciliationText() {}

    /** A line for a flow that keeps no digests; empty for another one. */
    static Optional<String> ofUndigested(JsonNode flow) {
        return flow.path("digests").asBoolean(true)
                ? Optional.empty()
                : Optional.of("flow " + TerminalText.of(flow.path("flow"))
                        + ": no digests are kept (digests: false), so its targets cannot be compared");
    }

    /** For example {@code reconciliation orders: ok; verified through 2026-01-31T07:59:00Z}. */
    static String of(JsonNode one, Instant now) {
        String text = "reconciliation " + TerminalText.of(one.path("name")) + ": " + TerminalText.of(one.path("state"));
        if (one.hasNonNull("since")) {
            text += " since " + AgeText.of(one.path("since"), now).replace(" ago", "") + ", "
                    + TerminalText.of(one.path("reason"));
        }
        if (one.hasNonNull("source")) {
            text += "; source " + TerminalText.of(one.path("source"));
        }
        return one.hasNonNull("verifiedThrough")
                ? text + "; verified through " + TerminalText.of(one.path("verifiedThrough"))
                : text;
    }
}
