package dev.serai.cli.client;

import dev.serai.node.RunOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code run} and {@code check}. */
public final class NodeArguments {
    @Option(
            names = "--routes",
            paramLabel = "GLOB",
            arity = "1..*",
            description = "Route files: globs, files and folders. Default: routes/*. When given, nothing of the sandbox"
                    + " is loaded.")
    private List<String> routes = new ArrayList<>();

    @Option(names = "--kamelets", paramLabel = "DIR", description = "Folders of Kamelets. Default: kamelets.")
    private List<String> kamelets = new ArrayList<>();

    @Option(names = "--config", paramLabel = "FILE", description = "Default: application.properties.")
    private @Nullable String config;

    @Option(names = "--data", paramLabel = "DIR", description = "Ledger and admin token. Default: data.")
    private @Nullable String data;

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE",
            description = "A property, repeatable; beats environment and file.")
    private Map<String, String> properties = new LinkedHashMap<>();

    public RunOptions options() {
        CallerFolder caller = CallerFolder.ofProcess();
        return new RunOptions(
                routes.stream().map(caller::resolveGlob).toList(),
                kamelets.stream().map(caller::resolve).toList(),
                config == null ? null : caller.resolve(config),
                data == null ? null : caller.resolve(data),
                Map.copyOf(properties));
    }

    /** Takes one option as the parser would; false for what only the parser can judge. */
    public boolean take(String name, String value) {
        // Dashes and quotes have a meaning for the parser.
        if (value.isEmpty() || value.startsWith("-") || value.indexOf('"') >= 0) {
            return false;
        }
        switch (name) {
            case "--routes" -> routes.add(value);
            case "--kamelets" -> kamelets.add(value);
            case "-p" -> {
                int equals = value.indexOf('=');
                return equals > 0 && properties.put(value.substring(0, equals), value.substring(equals + 1)) == null;
            }
            case "--config" -> {
                boolean first = config == null;
                config = value;
                return first;
            }
            case "--data" -> {
                boolean first = data == null;
                data = value;
                return first;
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
