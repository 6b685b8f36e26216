package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;

/** Prints deliveries that have not ended well, their causes, and replays, one to a line. */
public final class DeliveryText {
    private static final int ERROR_MAX = 80;

    private final Instant now;
    private final PrintWriter out;

    public DeliveryText(Instant now, PrintWriter out) {
        this.now = now;
        this.out = out;
    }

    /** @param changes as {@code GET /api/changes} with a state gives them */
    public void stuck(JsonNode changes) {
        TextTable table = new TextTable(
                "SEQUENCE", "TARGET", "STATE", "KEY", "ACCEPTED", "ATTEMPTS", "NEXT TRY", "BEHIND", "ERROR");
        for (JsonNode change : changes) {
            for (JsonNode delivery : change.path("deliveries")) {
                int behind = delivery.path("behind").asInt();
                table.row(
                        TerminalText.of(change.path("sequence")),
                        name(change, delivery),
                        TerminalText.of(delivery.path("state")),
                        TerminalText.of(change.path("key")),
                        AgeText.of(change.path("acceptedAt"), now),
                        TerminalText.of(delivery.path("attempts")),
                        AgeText.of(delivery.path("dueAt"), now),
                        behind == 0 ? "-" : number(behind) + (behind >= 1_000 ? "+" : ""),
                        cut(TerminalText.of(delivery.path("error"))));
            }
        }
        table.print(out);
    }

    public void dead(JsonNode letters) {
        TextTable table = new TextTable("SEQUENCE", "TARGET", "KEY", "VERSION", "GIVEN UP", "ATTEMPTS", "ERROR");
        for (JsonNode letter : letters) {
            table.row(
                    TerminalText.of(letter.path("sequence")),
                    name(letter, letter),
                    TerminalText.of(letter.path("key")),
                    TerminalText.of(letter.path("version")),
                    TerminalText.of(letter.path("diedAt")),
                    TerminalText.of(letter.path("attempts")),
                    TerminalText.of(letter.path("error")));
        }
        table.print(out);
    }

    public void causes(JsonNode causes) {
        TextTable table =
                new TextTable("CAUSE ID", "TARGET", "STATE", "COUNT", "PER MIN", "KEYS", "FIRST", "LAST", "CAUSE");
        for (JsonNode cause : causes) {
            table.row(
                    TerminalText.of(cause.path("id")),
                    name(cause, cause),
                    TerminalText.of(cause.path("state")),
                    number(cause.path("count").asLong()),
                    TerminalText.of(cause.path("perMinute")),
                    number(cause.path("keys").asLong()),
                    AgeText.of(cause.path("firstAt"), now),
                    AgeText.of(cause.path("lastAt"), now),
                    TerminalText.of(cause.path("cause")));
        }
        table.print(out);
    }

    public void replays(JsonNode replays) {
        TextTable table = new TextTable(
                "ID", "STATE", "STARTED", "MATCHED", "LEFT", "OPEN", "SETTLED", "FAILED", "RATE", "OF", "REASON");
        for (JsonNode replay : replays) {
            JsonNode filter = replay.path("filter");
            table.row(
                    TerminalText.of(replay.path("id")),
                    TerminalText.of(replay.path("state")),
                    AgeText.of(replay.path("startedAt"), now),
                    count(replay, "matched"),
                    count(replay, "left"),
                    count(replay, "open"),
                    count(replay, "settled"),
                    count(replay, "failed"),
                    TerminalText.of(replay.path("rate")),
                    filter.path("flow").isNull() && filter.path("target").isNull()
                            ? "all targets"
                            : name(filter, filter),
                    TerminalText.of(replay.path("reason")));
        }
        table.print(out);
    }

    private static String name(JsonNode flow, JsonNode target) {
        return TerminalText.of(flow.path("flow")) + "/" + TerminalText.of(target.path("target"));
    }

    private static String count(JsonNode object, String field) {
        return number(object.path(field).asLong());
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String cut(String text) {
        return text.codePointCount(0, text.length()) <= ERROR_MAX
                ? text
                : text.substring(0, text.offsetByCodePoints(0, ERROR_MAX - 1)) + "…";
    }
}
