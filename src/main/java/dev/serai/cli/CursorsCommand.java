package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Lists how far the pulling sources have read, or moves one.")
final class CursorsCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    CursorsCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        return list(arguments);
    }

    @Command(name = "list", description = "Lists the cursors.")
    int list(@Mixin ClientArguments client) {
        NodeAnswer answer = client.client().get("/api/cursors");
        if (client.json()) {
            out.println(answer.text());
            return ExitCode.DONE;
        }
        TextTable table = new TextTable("CURSOR", "VALUE", "SAVED");
        for (JsonNode cursor : answer.node()) {
            table.row(
                    TerminalText.of(cursor.path("name")),
                    TerminalText.of(cursor.path("value")),
                    TerminalText.of(cursor.path("savedAt")));
        }
        table.print(out);
        return ExitCode.DONE;
    }

    @Command(name = "set", description = "Moves a cursor: its source reads on from there.")
    int set(
            @Mixin ClientArguments arguments,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "VALUE") String value,
            @Option(names = "--new", description = "Also set a cursor that no source has saved yet.") boolean isNew,
            @Mixin ClientArguments.Reason reason) {
        AdminClient client = arguments.client();
        ObjectNode body = client.object().put("value", value);
        if (isNew) {
            body.put("new", true);
        }
        reason.write(body);
        NodeAnswer answer = client.put("/api/cursors/" + AdminClient.encode(name), body);
        out.println(
                arguments.json()
                        ? answer.text()
                        : TerminalText.clean(name) + " is now "
                                + TerminalText.of(answer.node().path("value")));
        return ExitCode.DONE;
    }
}
