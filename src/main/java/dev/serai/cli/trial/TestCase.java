package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One test of a file.
 *
 * @param place file and line
 * @param subject what {@code name} is the name of
 * @param name of the flow, the route or the target
 * @param now the time that the routes see
 * @param headers of the given message
 * @param body of the given message
 * @param expected what has to come out
 */
record TestCase(
        String place,
        String title,
        Subject subject,
        String name,
        Instant now,
        Map<String, String> headers,
        byte[] body,
        Expected expected) {

    /** What a test runs; in lower case the name of the field. */
    enum Subject {
        FLOW,
        ROUTE,
        TARGET
    }

    /**
     * What has to come out; null is not looked at.
     *
     * @param changes each with the fields to compare
     * @param requests each with the fields to compare
     * @param refused the status that a sender is answered
     * @param error a part of the reason of a failure
     * @param filtered whether nothing comes out
     */
    record Expected(
            @Nullable List<JsonNode> changes,
            @Nullable List<JsonNode> requests,
            @Nullable Integer refused,
            @Nullable String error,
            boolean filtered) {}
}
