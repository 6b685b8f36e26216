package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FilterArguments;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.DeliveryText;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that show what waits, and act on it. */
final class WaitingCommands {
    private static final int LIMIT_DEFAULT = 50;

    private WaitingCommands() {}

    @Command(
            description =
                    "Lists what is pending, being delivered, retrying or blocked, oldest first, with its error and how many"
                            + " changes are blocked behind it.")
    static final class Stuck implements Callable<Integer> {
        private final PrintWriter out;

        @Mixin
        private final ClientArguments arguments = new ClientArguments();

        @Mixin
        private final FilterArguments filter = new FilterArguments();

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description = "In this state, repeatable: pending, delivering, retrying, blocked or dead.")
        private List<String> states = new ArrayList<>();

        @Option(
                names = "--causes",
                description =
                        "Groups what is retrying or dead by its cause, the most frequent first; only --flow and --target"
                                + " filter.")
        private boolean causes;

        @Option(names = "--after", paramLabel = "N", description = "Beyond this sequence.")
        private @Nullable Long after;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "At most this many, up to 1000. Default: " + LIMIT_DEFAULT + ".")
        private int limit = LIMIT_DEFAULT;

        Stuck(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            return causes ? causes() : list();
        }

        private int list() {
            List<String> wanted = states.isEmpty() ? List.of("pending", "delivering", "retrying", "blocked") : states;
            NodeAnswer answer = arguments
                    .client()
                    .list(
                            filter.query("/api/changes", "text")
                                    .withAll("state", wanted)
                                    .with("after", after)
                                    .with("limit", limit),
                            limit);
            JsonNode changes = answer.node();
            if (arguments.json()) {
                out.println(answer.text());
            } else if (changes.isEmpty()) {
                out.println("nothing waits that matches");
            } else {
                new DeliveryText(Instant.now(), out).stuck(changes);
                if (answer.next() != null) {
                    out.println("there is more: --after "
                            + changes.path(changes.size() - 1).path("sequence").asLong());
                }
            }
            return changes.isEmpty() ? ExitCode.NO : ExitCode.DONE;
        }

        private int causes() {
            NodeAnswer answer = arguments.client().get(filter.causes().toString());
            if (arguments.json()) {
                out.println(answer.text());
            } else if (answer.node().isEmpty()) {
                out.println("nothing is retrying or dead");
            } else {
                new DeliveryText(Instant.now(), out).causes(answer.node());
            }
            return answer.node().isEmpty() ? ExitCode.NO : ExitCode.DONE;
        }
    }

    @Command(description = "Tries what is retrying now instead of later, in the order of each key.")
    static final class Retry implements Callable<Integer> {
        private final PrintWriter out;

        @Mixin
        private final ClientArguments arguments = new ClientArguments();

        @Mixin
        private final FilterArguments filter = new FilterArguments();

        @Option(names = "--all", description = "Needed when no filter is given.")
        private boolean all;

        @Option(names = "--dry-run", description = "Only count them.")
        private boolean dryRun;

        @Mixin
        private final ClientArguments.Reason reason = new ClientArguments.Reason();

        Retry(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            AdminClient client = arguments.client();
            NodeAnswer answer = client.post("/api/retry", reason.write(order(client, filter, all, dryRun)));
            long matched = answer.node().path("matched").asLong();
            if (arguments.json()) {
                out.println(answer.text());
            } else if (matched == 0) {
                out.println("nothing that is retrying matches");
            } else if (dryRun) {
                out.println("would retry " + matched);
            } else {
                out.println("retrying " + answer.node().path("retried").asLong() + " of " + matched + " now");
            }
            return matched == 0 ? ExitCode.NO : ExitCode.DONE;
        }
    }

    @Command(
            description =
                    "Gives up what is retrying: it becomes a dead letter with a reason, and its key goes on in order.")
    static final class Skip implements Callable<Integer> {
        private final PrintWriter out;

        @Mixin
        private final ClientArguments arguments = new ClientArguments();

        @Mixin
        private final FilterArguments filter = new FilterArguments();

        @Option(names = "--all", description = "Needed when no filter is given.")
        private boolean all;

        @Option(names = "--dry-run", description = "Only count them.")
        private boolean dryRun;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Kept as the dead letter's error.")
        private @Nullable String reason;

        Skip(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            AdminClient client = arguments.client();
            ObjectNode body = order(client, filter, all, dryRun);
            if (reason != null) {
                body.put("reason", reason);
            }
            NodeAnswer answer = client.post("/api/skip", body);
            long matched = answer.node().path("matched").asLong();
            long delivering = answer.node().path("delivering").asLong();
            if (arguments.json()) {
                out.println(answer.text());
            } else if (matched == 0) {
                out.println("nothing that is retrying matches");
            } else if (dryRun) {
                out.println("would skip " + matched);
            } else {
                out.println("skipped " + answer.node().path("skipped").asLong() + " of " + matched
                        + (delivering == 0
                                ? ""
                                : "; " + delivering + " being delivered now are skipped if that attempt fails"));
            }
            return matched == 0 ? ExitCode.NO : ExitCode.DONE;
        }
    }

    /** The body of a request that does something to all that matches. */
    static ObjectNode order(AdminClient client, FilterArguments filter, boolean all, boolean dryRun) {
        ObjectNode body = client.object();
        filter.write(body);
        return body.put("all", all).put("dryRun", dryRun);
    }
}
