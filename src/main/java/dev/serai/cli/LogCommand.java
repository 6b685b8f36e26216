package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FilterArguments;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        description = "Shows who did what to the node, newest first: pauses, retries, skips, replays, cursors, reloads,"
                + " tokens and the like.")
final class LogCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "An RFC 3339 time, or how long ago, such as 30m, 2h, 7d.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Before this time; otherwise as --since.")
    private @Nullable String until;

    @Option(
            names = "--actor",
            paramLabel = "NAME",
            description = "The name of a token; node for the node itself, local for commands on its machine.")
    private @Nullable String actor;

    @Option(
            names = "--action",
            paramLabel = "ACTION",
            description = "For example pause, skip, reload or \"token add\".")
    private @Nullable String action;

    @Option(names = "--after", paramLabel = "ID", description = "Older than the entry with this id.")
    private @Nullable Long after;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "At most this many, up to 1000. Default: ${DEFAULT-VALUE}.")
    private int limit;

    LogCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        NodeAnswer answer = arguments
                .client()
                .get(new AdminClient.Query("/api/log")
                        .with("since", time("--since", since))
                        .with("until", time("--until", until))
                        .with("actor", actor)
                        .with("action", action)
                        .with("after", after)
                        .with("limit", limit)
                        .toString());
        JsonNode entries = answer.node();
        if (arguments.json()) {
            out.println(answer.text());
        } else if (entries.isEmpty()) {
            out.println("nothing that matches was done");
        } else {
            print(entries);
            if (answer.next() != null) {
                out.println("there may be more: --after "
                        + entries.path(entries.size() - 1).path("id").asLong());
            }
        }
        return entries.isEmpty() ? ExitCode.NO : ExitCode.DONE;
    }

    private void print(JsonNode entries) {
        TextTable table = new TextTable("AT", "WHO", "ACTION", "WHAT", "COUNT", "OUTCOME", "REASON");
        for (JsonNode entry : entries) {
            table.row(
                    TerminalText.of(entry.path("at")),
                    TerminalText.of(entry.path("actor")),
                    TerminalText.of(entry.path("action")),
                    TerminalText.of(entry.path("what")),
                    TerminalText.of(entry.path("count")),
                    TerminalText.of(entry.path("outcome")),
                    TerminalText.of(entry.path("reason")));
        }
        table.print(out);
    }

    private static @Nullable Instant time(String option, @Nullable String text) {
        return text == null ? null : FilterArguments.time(option, text, Clock.systemUTC());
    }
}
