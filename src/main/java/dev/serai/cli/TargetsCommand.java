package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NameCandidates;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.AgeText;
import dev.serai.cli.text.StatusText;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Lists the targets, or pauses, resumes or removes one.")
final class TargetsCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    TargetsCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        return list(arguments);
    }

    @Command(name = "list", description = "Lists the targets.")
    int list(@Mixin ClientArguments client) {
        AdminClient node = client.client();
        NodeAnswer answer = node.get("/api/flows");
        if (client.json()) {
            out.println(answer.text());
            return ExitCode.DONE;
        }
        Map<String, String> states = new HashMap<>();
        for (JsonNode target : node.get("/api/status").node().path("targets")) {
            states.put(
                    target.path("flow").asText() + "/" + target.path("target").asText(),
                    TerminalText.of(target.path("state")));
        }
        TextTable table = new TextTable("TARGET", "POSITION", "DELIVERED", "DEAD", "OLDEST", "STATE");
        for (JsonNode flow : answer.node()) {
            for (JsonNode target : flow.path("targets")) {
                table.row(
                        TerminalText.of(flow.path("flow")) + "/" + TerminalText.of(target.path("target")),
                        TerminalText.of(target.path("position")),
                        StatusText.count(target, "delivered"),
                        StatusText.count(target, "dead"),
                        AgeText.ofSeconds(target.path("oldestSeconds").asDouble()),
                        states.getOrDefault(
                                flow.path("flow").asText() + "/"
                                        + target.path("target").asText(),
                                "-"));
            }
        }
        table.print(out);
        return ExitCode.DONE;
    }

    @Command(name = "pause", description = "Delivers nothing more to a target until it is resumed.")
    int pause(
            @Mixin ClientArguments client,
            @Parameters(paramLabel = "FLOW/TARGET", completionCandidates = NameCandidates.FlowTargets.class)
                    String target,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Shown in status until it is resumed.")
                    @Nullable String reason) {
        ObjectNode body = client.client().object();
        if (reason != null) {
            body.put("reason", reason);
        }
        return act(client, target, "pause", body, "paused");
    }

    @Command(name = "resume", description = "Delivers to a paused target again.")
    int resume(
            @Mixin ClientArguments client,
            @Mixin ClientArguments.Reason reason,
            @Parameters(paramLabel = "FLOW/TARGET", completionCandidates = NameCandidates.FlowTargets.class)
                    String target) {
        return act(client, target, "resume", reason.write(client.client().object()), "resumed");
    }

    @Command(
            name = "remove",
            description = "Forgets a target whose route is gone, with what waits for it and its dead letters.")
    int remove(
            @Mixin ClientArguments client,
            @Mixin ClientArguments.Reason reason,
            @Parameters(paramLabel = "FLOW/TARGET", completionCandidates = NameCandidates.FlowTargets.class)
                    String target) {
        String path = path(target);
        AdminClient node = client.client();
        return report(client, node.delete(path, reason.write(node.object())), target, "removed");
    }

    private int act(ClientArguments arguments, String target, String verb, ObjectNode body, String done) {
        String path = path(target);
        return report(arguments, arguments.client().post(path + "/" + verb, body), target, done);
    }

    private static String path(String target) {
        int slash = target.indexOf('/');
        if (slash < 1 || slash == target.length() - 1) {
            throw new CliException(ExitCode.USAGE, target + " is no FLOW/TARGET, for example orders/erp");
        }
        return "/api/targets/" + AdminClient.encode(target.substring(0, slash)) + "/"
                + AdminClient.encode(target.substring(slash + 1));
    }

    private int report(ClientArguments arguments, NodeAnswer answer, String target, String done) {
        out.println(arguments.json() ? answer.text() : TerminalText.clean(target) + " " + done);
        return ExitCode.DONE;
    }
}
