package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import dev.serai.text.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
            return Cli.DONE;
        }
        TextTable table = new TextTable("CURSOR", "VALUE", "SAVED");
        for (JsonNode cursor : answer.node()) {
            table.row(
                    TerminalText.of(cursor.path("name")),
                    TerminalText.of(cursor.path("value")),
                    TerminalText.of(cursor.path("savedAt")));
        }
        table.print(out);
        return Cli.DONE;
    }

    @Command(name = "set", description = "Moves a cursor: its source reads on from there.")
    int set(
            @Mixin ClientArguments arguments,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "VALUE") String value,
            @Option(names = "--new", description = "Also set a cursor that no source has saved yet.") boolean isNew) {
        AdminClient client = arguments.client();
        if (!isNew) {
            requireKnown(client, name);
        }
        ObjectNode body = client.object().put("value", value);
        NodeAnswer answer = client.put("/api/cursors/" + AdminClient.encode(name), body);
        out.println(
                arguments.json()
                        ? answer.text()
                        : TerminalText.clean(name) + " is now "
                                + TerminalText.of(answer.node().path("value")));
        return Cli.DONE;
    }

    /** A misspelt name would be saved beside the cursor that is meant, and nothing would move. */
    private static void requireKnown(AdminClient client, String name) {
        List<String> known = new ArrayList<>();
        client.get("/api/cursors")
                .node()
                .forEach(cursor -> known.add(cursor.path("name").asText()));
        if (!known.contains(name)) {
            throw new CliException(
                    Cli.NO,
                    "there is no cursor " + name + NearestName.hint(name, known) + ": "
                            + (known.isEmpty() ? "there is none yet" : "known are " + String.join(", ", known))
                            + "; --new sets one that no source has saved yet");
        }
    }
}
