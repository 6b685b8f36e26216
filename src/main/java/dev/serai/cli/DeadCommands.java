package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import dev.serai.ledger.delivery.RateLimit;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Lists, shows, replays and discards dead letters.", synopsisSubcommandLabel = "COMMAND")
final class DeadCommands implements Runnable {
    private static final String PER_SECOND_DEFAULT = "50";

    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    DeadCommands(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say list, show, replay or discard");
        }
    }

    @Command(name = "list", description = "Lists dead letters, oldest change first.")
    int list(
            @Mixin ClientArguments arguments,
            @Mixin DeadFilterArguments filter,
            @Option(names = "--after", paramLabel = "N", description = "Beyond this sequence.") @Nullable Long after,
            @Option(names = "--limit", paramLabel = "N", description = "At most this many, up to 1000. Default: 100.")
                    @Nullable Integer limit) {
        NodeAnswer answer = arguments
                .client()
                .get(filter.query().with("after", after).with("limit", limit).toString());
        if (arguments.json()) {
            out.println(answer.text());
        } else if (answer.node().isEmpty()) {
            out.println("no dead letters");
        } else {
            print(answer.node());
        }
        return answer.node().isEmpty() ? Cli.NO : Cli.DONE;
    }

    private void print(JsonNode letters) {
        TextTable table = new TextTable("SEQUENCE", "TARGET", "KEY", "VERSION", "GIVEN UP", "ATTEMPTS", "ERROR");
        for (JsonNode letter : letters) {
            table.row(
                    TerminalText.of(letter.path("sequence")),
                    TerminalText.of(letter.path("flow")) + "/" + TerminalText.of(letter.path("target")),
                    TerminalText.of(letter.path("key")),
                    TerminalText.of(letter.path("version")),
                    TerminalText.of(letter.path("diedAt")),
                    TerminalText.of(letter.path("attempts")),
                    TerminalText.of(letter.path("error")));
        }
        table.print(out);
    }

    @Command(name = "show", description = "Shows the change of a dead letter whole: headers, body, every attempt.")
    int show(@Mixin ClientArguments arguments, @Parameters(paramLabel = "SEQUENCE") long sequence) {
        AdminClient client = arguments.client();
        JsonNode found = client.get(new AdminClient.Query("/api/dead")
                        .with("sequence", sequence)
                        .toString())
                .node();
        if (found.isEmpty()) {
            throw new CliException(Cli.NO, "change " + sequence + " is not a dead letter: see serai dead list");
        }
        NodeAnswer change = client.get(
                "/api/changes/" + AdminClient.encode(found.get(0).path("flow").asText()) + "/" + sequence);
        if (arguments.json()) {
            out.println(change.text());
        } else {
            ChangeText.print(change.node(), out);
            printContent(change.node());
        }
        return Cli.DONE;
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
            @Mixin DeadFilterArguments filter,
            @Option(names = "--all", description = "Needed when no filter is given.") boolean all,
            @Option(
                            names = "--rate",
                            paramLabel = "N",
                            defaultValue = PER_SECOND_DEFAULT,
                            description = "So many a second, 0 for all at once. Default: ${DEFAULT-VALUE}.")
                    double rate,
            @Option(names = "--dry-run", description = "Only count them.") boolean dryRun) {
        try {
            RateLimit.requireValid(rate);
        } catch (IllegalArgumentException e) {
            throw new CliException(Cli.USAGE, "--" + e.getMessage());
        }
        AdminClient client = arguments.client();
        ObjectNode body = order(client, filter, all, dryRun).put("rate", rate);
        NodeAnswer answer = client.post("/api/dead/replay", body);
        return report(arguments, answer, dryRun, "replay");
    }

    @Command(name = "discard", description = "Drops dead letters for good.")
    int discard(
            @Mixin ClientArguments arguments,
            @Mixin DeadFilterArguments filter,
            @Option(names = "--all", description = "Needed when no filter is given.") boolean all,
            @Option(names = "--dry-run", description = "Only count them.") boolean dryRun) {
        AdminClient client = arguments.client();
        NodeAnswer answer = client.post("/api/dead/discard", order(client, filter, all, dryRun));
        return report(arguments, answer, dryRun, "discard");
    }

    private static ObjectNode order(AdminClient client, DeadFilterArguments filter, boolean all, boolean dryRun) {
        ObjectNode body = client.object();
        filter.write(body);
        return body.put("all", all).put("dryRun", dryRun);
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
            out.println("replaying " + matched + " at the pace given: serai status shows how far it is");
        } else {
            out.println(verb + "ed " + answer.node().path(verb + "ed").asLong() + " of " + matched);
        }
        return matched == 0 ? Cli.NO : Cli.DONE;
    }
}
