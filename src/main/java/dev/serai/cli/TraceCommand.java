package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NameCandidates;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.ChangeText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Shows the changes of one key, their failed attempts and their state for each target; or those of one id, if no"
                        + " change has the key.")
final class TraceCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Parameters(paramLabel = "KEY", description = "The record's key, or the id of a change.")
    private String key = "";

    @Option(
            names = "--flow",
            paramLabel = "FLOW",
            completionCandidates = NameCandidates.Flows.class,
            description = "Only of this flow.")
    private @Nullable String flow;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "At most the newest N changes. Default: ${DEFAULT-VALUE}.")
    private int limit;

    TraceCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        AdminClient client = arguments.client();
        JsonNode found = find(client, "key");
        if (found.isEmpty()) {
            found = find(client, "id");
        }
        List<NodeAnswer> changes = new ArrayList<>();
        for (JsonNode change : found) {
            changes.add(client.get("/api/changes/"
                    + AdminClient.encode(change.path("flow").asText()) + "/"
                    + change.path("sequence").asLong()));
        }
        Collections.reverse(changes);
        if (arguments.json()) {
            out.println(changes.stream().map(NodeAnswer::text).toList());
        } else {
            changes.forEach(change -> ChangeText.print(change.node(), out));
        }
        if (changes.isEmpty()) {
            throw new CliException(
                    ExitCode.NO,
                    "no change with the key or id " + key + (flow == null ? "" : " in flow " + flow)
                            + " is kept. Errors are searched by stuck --error and dead list --error, bodies are not");
        }
        return ExitCode.DONE;
    }

    private JsonNode find(AdminClient client, String by) {
        return client.get(new AdminClient.Query("/api/changes")
                        .with("flow", flow)
                        .with(by, key)
                        .with("limit", limit)
                        .toString())
                .node();
    }
}
