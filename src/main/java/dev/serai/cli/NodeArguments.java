package dev.serai.cli;

import dev.serai.node.RunOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code run} and {@code check}. */
final class NodeArguments {
    @Option(
            names = "--routes",
            paramLabel = "GLOB",
            description = "Route files, repeatable. Default: routes/*. When given, nothing of the sandbox is loaded.")
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

    /**
     * Reads options that are written in the plain form, name and value as two words, without the parser, since that takes a fifth of a
     * start. Returns null for all else, which the parser reads or refuses.
     */
    static @Nullable NodeArguments ofPlain(List<String> words) {
        NodeArguments plain = new NodeArguments();
        for (int i = 0; i < words.size(); i += 2) {
            if (i + 1 == words.size() || !plain.takePlain(words.get(i), words.get(i + 1))) {
                return null;
            }
        }
        return plain;
    }

    private boolean takePlain(String name, String value) {
        // Quotes and dashes have a meaning for the parser.
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

    RunOptions options() {
        CallerFolder caller = CallerFolder.ofProcess();
        return new RunOptions(
                routes.stream().map(caller::resolveGlob).toList(),
                kamelets.stream().map(caller::resolve).toList(),
                config == null ? null : caller.resolve(config),
                data == null ? null : caller.resolve(data),
                Map.copyOf(properties));
    }
}
