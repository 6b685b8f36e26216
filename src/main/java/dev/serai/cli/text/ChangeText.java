package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Prints one change for people: its events in order of time, then the deliveries that are not finished. */
public final class ChangeText {
    private static final String LATER = "9999";

    private ChangeText() {}

    /**
     * @param at RFC 3339 in UTC, so that the order of the texts is the order of the times
     * @param source what it was read from
     */
    private record Event(String at, String target, String what, JsonNode source) {}

    /** @param change as {@code GET /api/changes/FLOW/SEQUENCE} gives it */
    public static void print(JsonNode change, PrintWriter out) {
        Object[] words = Stream.of("flow", "sequence", "key", "id", "version", "operation")
                .map(name -> TerminalText.of(change.path(name)))
                .toArray();
        out.println("%s %s  key %s  id %s  version %s  %s".formatted(words));
        if (change.hasNonNull("traceId")) {
            out.println("  trace " + TerminalText.of(change.path("traceId")));
        }
        if (change.hasNonNull("damage")) {
            out.println("  damaged in the ledger, what is shown may not be what was accepted: "
                    + TerminalText.of(change.path("damage")));
        }
        List<Event> events = new ArrayList<>();
        String from = change.hasNonNull("client") ? " from " + TerminalText.of(change.path("client")) : "";
        events.add(new Event(TerminalText.of(change.path("acceptedAt")), "", "accepted" + from, change.path("client")));
        change.path("attempts").forEach(attempt -> events.add(attempt(attempt)));
        change.path("deliveries").forEach(delivery -> events.add(delivery(delivery)));
        events.sort(Comparator.comparing(Event::at));
        int width = events.stream()
                .mapToInt(e -> TerminalText.width(e.target()))
                .max()
                .orElse(0);
        for (Event event : events) {
            String time = event.at().equals(LATER) ? " ".repeat(24) : event.at();
            String padding = " ".repeat(width - TerminalText.width(event.target()));
            out.println("  " + time + "  " + event.target() + padding + "  " + event.what());
            part(event.source().path("request"), "> ", out);
            part(event.source().path("answer"), "< ", out);
        }
    }

    /** What was sent or answered, as curl shows it. */
    private static void part(JsonNode text, String sign, PrintWriter out) {
        if (text.isTextual()) {
            TerminalText.cleanLines(text.textValue()).lines().forEach(line -> out.println("      " + sign + line));
        }
    }

    private static Event attempt(JsonNode attempt) {
        return new Event(
                TerminalText.of(attempt.path("at")),
                TerminalText.of(attempt.path("target")),
                "attempt " + attempt.path("number").asInt() + " failed: " + TerminalText.of(attempt.path("error")),
                attempt);
    }

    private static Event delivery(JsonNode delivery) {
        String state = TerminalText.of(delivery.path("state"));
        String at = delivery.path("finishedAt").isNull() ? LATER : TerminalText.of(delivery.path("finishedAt"));
        return new Event(at, TerminalText.of(delivery.path("target")), state + explain(state, delivery), delivery);
    }

    private static String explain(String state, JsonNode delivery) {
        int attempts = delivery.path("attempts").asInt();
        String tries = attempts == 1 ? "1 attempt" : attempts + " attempts";
        return switch (state) {
            case "pending" -> ": not tried yet";
            case "delivering" -> ": no answer yet";
            case "blocked" -> ": an earlier change of this key comes first";
            case "retrying" -> ": next attempt " + TerminalText.of(delivery.path("dueAt")) + ", " + tries + " so far";
            case "filtered" -> ": a step of the target's route kept it back, nothing was sent";
            case "dead" -> " after " + tries + ": " + TerminalText.of(delivery.path("error"));
            case "delivered" ->
                delivery.path("status").isNull()
                        ? ""
                        : " (" + delivery.path("status").asInt() + ")";
            default -> "";
        };
    }
}
