package dev.serai.cli.flow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.Node;
import dev.serai.node.RunOptions;
import dev.serai.text.ExactJson;
import dev.serai.text.NearestName;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Shows a Kamelet's page: its parameters and an example. Without a name, all Kamelets.")
public final class DocCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Parameters(
            arity = "0..1",
            paramLabel = "KAMELET",
            completionCandidates = Kamelets.class,
            description = "Its name, such as webhook-source.")
    private @Nullable String name;

    @Option(
            names = "--kamelets",
            paramLabel = "DIR",
            description = "Folders of Kamelets, looked up first. Default: kamelets.")
    private List<String> kamelets = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** For completion. */
    static final class Kamelets extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Kamelets() {
            super(WrittenKamelet.names(folders(List.of())));
        }
    }

    public DocCommand(PrintWriter out) {
        this.out = out;
    }

    private static List<Path> folders(List<Path> given) {
        return Node.kameletFolders(new RunOptions(List.of(), given, null, null, Map.of()));
    }

    @Override
    public Integer call() {
        CallerFolder caller = CallerFolder.ofProcess();
        List<Path> folders = folders(kamelets.stream().map(caller::resolve).toList());
        if (name == null) {
            list(folders);
            return ExitCode.DONE;
        }
        WrittenKamelet kamelet = WrittenKamelet.find(name, folders);
        if (kamelet == null) {
            Set<String> known = WrittenKamelet.names(folders);
            throw new CliException(
                    ExitCode.NO,
                    "there is no Kamelet " + name + NearestName.hint(name, known) + ": "
                            + (known.isEmpty() ? "the folders have none" : "there are " + String.join(", ", known)));
        }
        if (json) {
            out.println(TerminalText.json(KameletPage.json(kamelet).toString()));
        } else {
            new KameletPage(kamelet).lines().forEach(line -> out.println(TerminalText.clean(line)));
        }
        return ExitCode.DONE;
    }

    private void list(List<Path> folders) {
        List<WrittenKamelet> all = new ArrayList<>();
        for (String each : WrittenKamelet.names(folders)) {
            WrittenKamelet kamelet = WrittenKamelet.find(each, folders);
            if (kamelet != null) {
                all.add(kamelet);
            }
        }
        if (json) {
            ArrayNode array = ExactJson.MAPPER.createArrayNode();
            for (WrittenKamelet kamelet : all) {
                ObjectNode item = array.addObject();
                item.put("name", kamelet.name()).put("kind", kamelet.kind()).put("summary", kamelet.summary());
            }
            out.println(TerminalText.json(array.toString()));
            return;
        }
        int width =
                all.stream().mapToInt(kamelet -> kamelet.name().length()).max().orElse(0);
        for (WrittenKamelet kamelet : all) {
            List<String> wrapped = KameletPage.wrap(kamelet.summary(), KameletPage.COLUMNS - width - 2);
            String first = wrapped.isEmpty() ? "" : wrapped.size() == 1 ? wrapped.get(0) : wrapped.get(0) + " …";
            out.println(TerminalText.clean(
                    kamelet.name() + " ".repeat(width + 2 - kamelet.name().length()) + first));
        }
    }
}
