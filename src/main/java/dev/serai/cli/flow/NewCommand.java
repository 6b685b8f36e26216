package dev.serai.cli.flow;

import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FlowsAddress;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.RouteFiles;
import dev.serai.node.RunOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = "Writes a new flow: a file of routes, and the properties that it needs.",
        footer = {"", "Nothing that exists is overwritten. An unknown word lists those that there are."})
public final class NewCommand implements Callable<Integer> {
    private static final Path CONFIG = Path.of("application.properties");

    private final PrintWriter out;

    @Parameters(paramLabel = "NAME", description = "Of the flow; its routes, path and properties begin with it.")
    private String name = "";

    @Option(
            names = "--from",
            paramLabel = "SOURCE",
            required = true,
            completionCandidates = Sources.class,
            description = "Where changes come from, such as http, tcp, pull, sql, file, kafka, stripe, wechat-pay.")
    private String source = "";

    @Option(
            names = "--to",
            paramLabel = "SINK",
            required = true,
            completionCandidates = Sinks.class,
            description = "Where they go: http, tcp, sql, file, kafka or feed.")
    private String sink = "";

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the file is written. Default: routes.")
    private @Nullable String folder;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The properties are added to it. Default: application.properties.")
    private @Nullable String config;

    /** For completion. */
    static final class Sources extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Sources() {
            super(FlowTemplate.sources());
        }
    }

    /** For completion. */
    static final class Sinks extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Sinks() {
            super(FlowTemplate.sinks());
        }
    }

    public NewCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (!name.matches("[A-Za-z][A-Za-z0-9_-]{0,63}")) {
            throw new CliException(
                    ExitCode.USAGE, name + " is no name for a flow: use letters, digits, - and _, a letter first");
        }
        FlowTemplate template = FlowTemplate.of(source, sink);
        CallerFolder caller = CallerFolder.ofProcess();
        Path routes = folder == null ? Path.of("routes") : caller.resolve(folder);
        Path settings = config == null ? CONFIG : caller.resolve(config);
        Path file = routes.resolve(name + ".camel.yaml");
        String text = template.text().replace(FlowTemplate.NAME, name);
        refuseTaken(routes, file, text);
        SettingsFile properties = new SettingsFile(settings);
        Map<String, String> added = new LinkedHashMap<>();
        template.properties().forEach((property, value) -> {
            String named = property.replace(FlowTemplate.NAME, name);
            added.put(named, FreshValue.of(named, value.replace(FlowTemplate.NAME, name), properties.values()));
        });
        properties.refuse(added);
        // First, since a running node looks at the file of routes at once.
        properties.add("The flow " + name + " (" + file + ")", added);
        try {
            Files.createDirectories(routes);
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, file + ": cannot be written: " + e);
        }
        RunOptions options = new RunOptions(List.of(), List.of(), config == null ? null : settings, null, Map.of());
        out.println(TerminalText.cleanLines(
                new NextSteps(name, file, settings, folder != null, config != null, url(options))
                        .text(text, added, template.body())));
        return ExitCode.DONE;
    }

    private static void refuseTaken(Path folder, Path file, String text) {
        if (Files.exists(file)) {
            throw new CliException(
                    ExitCode.USAGE, file + " is there already, and nothing is overwritten: choose another name");
        }
        List<String> ids =
                FlowExample.of(text).items().stream().map(FlowExample::idOf).toList();
        for (WrittenRoute route :
                WrittenRoutes.of(RouteFiles.findAny(List.of(folder.toString()))).routes()) {
            if (!route.id().isEmpty() && ids.contains(route.id())) {
                throw new CliException(
                        ExitCode.USAGE, route.file() + " has a route " + route.id() + " already: choose another name");
            }
        }
    }

    private static String url(RunOptions options) {
        try {
            return FlowsAddress.read(options, System.getenv(), null).url();
        } catch (CliException e) {
            return "http://127.0.0.1:8080"; // its port is not known before it runs
        }
    }
}
