package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        NodeAnswer answer = client.client().get("/api/flows");
        if (client.json()) {
            out.println(answer.text());
            return Cli.DONE;
        }
        TextTable table = new TextTable("TARGET", "POSITION", "DELIVERED", "DEAD", "OLDEST", "STATE");
        for (JsonNode flow : answer.node()) {
            for (JsonNode target : flow.path("targets")) {
                table.row(
                        TerminalText.of(flow.path("flow")) + "/" + TerminalText.of(target.path("target")),
                        TerminalText.of(target.path("position")),
                        StatusCommand.count(target, "delivered"),
                        StatusCommand.count(target, "dead"),
                        StatusCommand.seconds(target.path("oldestSeconds")),
                        StatusCommand.state(target));
            }
        }
        table.print(out);
        return Cli.DONE;
    }

    @Command(name = "pause", description = "Delivers nothing more to a target until it is resumed.")
    int pause(@Mixin ClientArguments client, @Parameters(paramLabel = "FLOW/TARGET") String target) {
        return act(client, target, "pause", "paused");
    }

    @Command(name = "resume", description = "Delivers to a paused target again.")
    int resume(@Mixin ClientArguments client, @Parameters(paramLabel = "FLOW/TARGET") String target) {
        return act(client, target, "resume", "resumed");
    }

    @Command(
            name = "remove",
            description = "Forgets a target whose route is gone, with what waits for it and its dead letters.")
    int remove(@Mixin ClientArguments client, @Parameters(paramLabel = "FLOW/TARGET") String target) {
        String path = path(target);
        return report(client, client.client().delete(path), target, "removed");
    }

    private int act(ClientArguments arguments, String target, String verb, String done) {
        String path = path(target);
        AdminClient client = arguments.client();
        return report(arguments, client.post(path + "/" + verb, client.object()), target, done);
    }

    private static String path(String target) {
        int slash = target.indexOf('/');
        if (slash < 1 || slash == target.length() - 1) {
            throw new CliException(Cli.USAGE, target + " is no FLOW/TARGET, for example orders/erp");
        }
        return "/api/targets/" + AdminClient.encode(target.substring(0, slash)) + "/"
                + AdminClient.encode(target.substring(slash + 1));
    }

    private int report(ClientArguments arguments, NodeAnswer answer, String target, String done) {
        out.println(arguments.json() ? answer.text() : TerminalText.clean(target) + " " + done);
        return Cli.DONE;
    }
}
