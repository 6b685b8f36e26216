package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(description = "Shows every flow, how far its targets are, and how its pulling sources are doing.")
final class StatusCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    StatusCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        AdminClient client = arguments.client();
        NodeAnswer answer = client.get("/api/flows");
        if (arguments.json()) {
            out.println(answer.text());
            return Cli.DONE;
        }
        if (answer.node().isEmpty()) {
            out.println("no flows yet");
        } else {
            print(answer.node());
        }
        JsonNode sources = client.get("/api/status").node().path("sources");
        printSources(sources);
        printIfText(client.get("/api/clock").node().path("step").path("text"));
        printIfText(client.get("/api/damage").node().path("text"));
        return isInTrouble(sources) ? Cli.NO : Cli.DONE;
    }

    private static boolean isInTrouble(JsonNode sources) {
        for (JsonNode source : sources) {
            if (source.path("state").asText().matches("failing|silent")) {
                return true;
            }
        }
        return false;
    }

    private void printSources(JsonNode sources) {
        if (sources.isEmpty()) {
            return;
        }
        TextTable table = new TextTable(
                "SOURCE", "KIND", "RECORDS", "BROKEN", "SKIPPED", "AHEAD", "LAST GOOD", "NEXT RUN", "LAG", "STATE");
        for (JsonNode source : sources) {
            table.row(
                    TerminalText.of(source.path("name")),
                    TerminalText.of(source.path("kind")),
                    count(source, "records"),
                    count(source, "broken"),
                    count(source, "skipped"),
                    count(source, "ahead"),
                    orDash(source.path("lastGoodAt")),
                    orDash(source.path("nextRunAt")),
                    source.hasNonNull("lagSeconds") ? seconds(source.path("lagSeconds")) : "-",
                    TerminalText.of(source.path("state")));
        }
        out.println();
        table.print(out);
        for (JsonNode source : sources) {
            if (source.hasNonNull("reason")) {
                out.printf(
                        "%s is %s since %s: %s%n",
                        TerminalText.of(source.path("name")),
                        TerminalText.of(source.path("state")),
                        TerminalText.of(source.path("since")),
                        TerminalText.of(source.path("reason")));
            }
        }
    }

    private static String orDash(JsonNode text) {
        return text.isTextual() ? TerminalText.of(text) : "-";
    }

    private void printIfText(JsonNode text) {
        if (text.isTextual()) {
            out.println();
            out.println(TerminalText.of(text));
        }
    }

    private void print(JsonNode flows) {
        TextTable table = new TextTable(
                "FLOW",
                "ACCEPTED",
                "DUPLICATES",
                "TARGET",
                "DELIVERED",
                "PENDING",
                "DELIVERING",
                "RETRYING",
                "BLOCKED",
                "DEAD",
                "OLDEST",
                "STATE");
        for (JsonNode flow : flows) {
            String name = TerminalText.of(flow.path("flow"));
            String accepted = count(flow, "accepted");
            String duplicates = count(flow, "duplicates");
            if (flow.path("targets").isEmpty()) {
                table.row(name, accepted, duplicates, "-", "-", "-", "-", "-", "-", "-", "-", "-");
            }
            for (JsonNode target : flow.path("targets")) {
                table.row(
                        name,
                        accepted,
                        duplicates,
                        TerminalText.of(target.path("target")),
                        count(target, "delivered"),
                        count(target, "pending"),
                        count(target, "delivering"),
                        count(target, "retrying"),
                        count(target, "blocked"),
                        count(target, "dead"),
                        seconds(target.path("oldestSeconds")),
                        state(target) + timeouts(target));
            }
        }
        table.print(out);
        printReasons(flows);
    }

    private void printReasons(JsonNode flows) {
        for (JsonNode flow : flows) {
            for (JsonNode target : flow.path("targets")) {
                if (target.hasNonNull("reason")) {
                    out.printf(
                            "%s/%s is down since %s: %s%n",
                            TerminalText.of(flow.path("flow")),
                            TerminalText.of(target.path("target")),
                            TerminalText.of(target.path("since")),
                            TerminalText.of(target.path("reason")));
                }
            }
        }
    }

    static String count(JsonNode object, String field) {
        return String.format(Locale.ROOT, "%,d", object.path(field).asLong());
    }

    static String seconds(JsonNode seconds) {
        return String.format(Locale.ROOT, "%,.1f s", seconds.asDouble());
    }

    private static String timeouts(JsonNode target) {
        long timedOut = target.path("timedOut").asLong();
        return timedOut == 0 ? "" : String.format(Locale.ROOT, ", %,d timed out", timedOut);
    }

    static String state(JsonNode target) {
        if (target.path("paused").asBoolean()) {
            return "paused";
        }
        return switch (target.path("circuit").asText()) {
            case "open" -> "down";
            case "half-open" -> "probing";
            default -> "ok";
        };
    }
}
