package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FilterArguments;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.ChangeText;
import dev.serai.cli.text.DeliveryText;
import dev.serai.cli.text.TerminalText;
import dev.serai.ledger.delivery.RateLimit;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Lists, shows, replays, discards and exports dead letters.", synopsisSubcommandLabel = "COMMAND")
final class DeadCommands implements Runnable {
    private static final String PER_SECOND_DEFAULT = "50";
    private static final int LIMIT_DEFAULT = 100;
    private static final int EXPORT_PAGE = 500;

    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    DeadCommands(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say list, show, replay, replays, discard or export");
        }
    }

    @Command(name = "list", description = "Lists dead letters, oldest change first.")
    int list(
            @Mixin ClientArguments arguments,
            @Mixin FilterArguments filter,
            @Option(names = "--after", paramLabel = "N", description = "Beyond this sequence.") @Nullable Long after,
            @Option(names = "--limit", paramLabel = "N", description = "At most this many, up to 1000. Default: 100.")
                    @Nullable Integer limit) {
        AdminClient.Query query =
                filter.query("/api/dead", "error").with("after", after).with("limit", limit);
        NodeAnswer answer = arguments.client().list(query, limit == null ? LIMIT_DEFAULT : limit);
        if (arguments.json()) {
            out.println(answer.text());
        } else if (answer.node().isEmpty()) {
            out.println(filter.isEmpty() ? "no dead letters" : "no dead letter matches");
        } else {
            new DeliveryText(Instant.now(), out).dead(answer.node());
            if (answer.next() != null) {
                out.println("there is more: --after "
                        + answer.node()
                                .path(answer.node().size() - 1)
                                .path("sequence")
                                .asLong());
            }
        }
        return answer.node().isEmpty() ? ExitCode.NO : ExitCode.DONE;
    }

    @Command(name = "show", description = "Shows the change of a dead letter whole: headers, body, every attempt.")
    int show(@Mixin ClientArguments arguments, @Parameters(paramLabel = "SEQUENCE") long sequence) {
        AdminClient client = arguments.client();
        JsonNode found = client.get(new AdminClient.Query("/api/dead")
                        .with("sequence", sequence)
                        .toString())
                .node();
        if (found.isEmpty()) {
            throw new CliException(ExitCode.NO, "change " + sequence + " is not a dead letter: see serai dead list");
        }
        NodeAnswer change = client.get(
                "/api/changes/" + AdminClient.encode(found.get(0).path("flow").asText()) + "/" + sequence);
        if (arguments.json()) {
            out.println(change.text());
        } else {
            ChangeText.print(change.node(), out);
            printContent(change.node());
        }
        return ExitCode.DONE;
    }

    private void printContent(JsonNode change) {
        change.path("headers")
                .fields()
                .forEachRemaining(header -> out.println(
                        "  " + TerminalText.clean(header.getKey()) + ": " + TerminalText.of(header.getValue())));
        out.println("  content type: " + TerminalText.of(change.path("contentType")));
        out.println();
        out.println(
                change.has("body")
                        ? TerminalText.cleanLines(change.path("body").asText())
                        : "base64: " + TerminalText.of(change.path("bodyBase64")));
    }

    @Command(name = "replay", description = "Delivers dead letters again, in the order of each key.")
    int replay(
            @Mixin ClientArguments arguments,
            @Mixin FilterArguments filter,
            @Option(names = "--all", description = "Needed when no filter is given.") boolean all,
            @Option(
                            names = "--rate",
                            paramLabel = "N",
                            defaultValue = PER_SECOND_DEFAULT,
                            description = "So many a second, 0 for all at once. Default: ${DEFAULT-VALUE}.")
                    double rate,
            @Option(names = "--dry-run", description = "Only count them.") boolean dryRun,
            @Mixin ClientArguments.Reason reason) {
        try {
            RateLimit.requireValid(rate);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, "--" + e.getMessage());
        }
        AdminClient client = arguments.client();
        ObjectNode body =
                reason.write(WaitingCommands.order(client, filter, all, dryRun).put("rate", rate));
        NodeAnswer answer = client.post("/api/dead/replay", body);
        return report(arguments, answer, dryRun, "replay");
    }

    @Command(name = "discard", description = "Drops dead letters for good.")
    int discard(
            @Mixin ClientArguments arguments,
            @Mixin FilterArguments filter,
            @Option(names = "--all", description = "Needed when no filter is given.") boolean all,
            @Option(names = "--dry-run", description = "Only count them.") boolean dryRun,
            @Mixin ClientArguments.Reason reason) {
        AdminClient client = arguments.client();
        ObjectNode body = reason.write(WaitingCommands.order(client, filter, all, dryRun));
        NodeAnswer answer = client.post("/api/dead/discard", body);
        return report(arguments, answer, dryRun, "discard");
    }

    @Command(
            name = "replays",
            description =
                    "Lists the newest replays and how far they are; replays stop ID stops one, replays resume ID continues it"
                            + " with what is left.")
    int replays(
            @Mixin ClientArguments arguments,
            @Parameters(paramLabel = "stop|resume ID", arity = "0..2") @Nullable List<String> words,
            @Mixin ClientArguments.Reason reason) {
        AdminClient client = arguments.client();
        if (words != null && !words.isEmpty()) {
            String verb = words.get(0);
            if (words.size() != 2
                    || !List.of("stop", "resume").contains(verb)
                    || !words.get(1).matches("\\d{1,18}")) {
                throw new CliException(
                        ExitCode.USAGE,
                        "say replays, or replays stop ID or replays resume ID with one of the ids that replays lists");
            }
            String path = "/api/replays/" + words.get(1);
            ObjectNode body = reason.write(client.object());
            NodeAnswer answer = verb.equals("stop") ? client.delete(path, body) : client.post(path + "/resume", body);
            if (arguments.json()) {
                out.println(answer.text());
            } else {
                new DeliveryText(Instant.now(), out)
                        .replays(client.object().withArray("list").add(answer.node()));
            }
            return ExitCode.DONE;
        }
        NodeAnswer answer = client.get("/api/replays");
        if (arguments.json()) {
            out.println(answer.text());
        } else if (answer.node().isEmpty()) {
            out.println("no replays");
        } else {
            new DeliveryText(Instant.now(), out).replays(answer.node());
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "export",
            description =
                    "Prints dead letters as JSON lines: what list shows, with headers, body and every failed attempt.")
    int export(@Mixin ClientArguments arguments, @Mixin FilterArguments filter) {
        AdminClient client = arguments.client();
        @Nullable String next =
                filter.query("/api/dead", "error").with("limit", EXPORT_PAGE).toString();
        int exported = 0;
        while (next != null) {
            NodeAnswer page = client.get(next);
            for (JsonNode letter : page.node()) {
                out.println(TerminalText.json(exported(client, letter).toString()));
                exported++;
            }
            next = page.next();
        }
        return exported == 0 ? ExitCode.NO : ExitCode.DONE;
    }

    private static ObjectNode exported(AdminClient client, JsonNode letter) {
        ObjectNode line = letter.deepCopy();
        JsonNode change = client.get("/api/changes/"
                        + AdminClient.encode(letter.path("flow").asText()) + "/"
                        + letter.path("sequence").asLong())
                .node();
        for (String field : List.of("contentType", "headers", "body", "bodyBase64")) {
            if (change.has(field)) {
                line.set(field, change.path(field));
            }
        }
        if (change.hasNonNull("damage")) { // the body is not what was accepted
            line.set("damage", change.path("damage"));
        }
        line.set("attemptCount", line.path("attempts"));
        ArrayNode attempts = line.putArray("attempts");
        for (JsonNode attempt : change.path("attempts")) {
            if (attempt.path("target").equals(letter.path("target"))) {
                attempts.add(attempt);
            }
        }
        return line;
    }

    private int report(ClientArguments arguments, NodeAnswer answer, boolean dryRun, String verb) {
        long matched = answer.node().path("matched").asLong();
        if (arguments.json()) {
            out.println(answer.text());
        } else if (matched == 0) {
            out.println("no dead letter matches");
        } else if (dryRun) {
            out.println("would " + verb + " " + matched);
        } else if (answer.node().path("running").asBoolean()) {
            out.println("replaying " + matched + " at the pace given: serai dead replays shows how far it is");
        } else {
            out.println(verb + "ed " + answer.node().path(verb + "ed").asLong() + " of " + matched);
        }
        return matched == 0 ? ExitCode.NO : ExitCode.DONE;
    }
}
