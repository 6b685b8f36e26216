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
            arity = "1..*",
            description = "Route files: globs, files and folders. Default: routes/*. When given, nothing of the sandbox"
                    + " is loaded.")
    List<String> routes = new ArrayList<>();

    @Option(names = "--kamelets", paramLabel = "DIR", description = "Folders of Kamelets. Default: kamelets.")
    List<String> kamelets = new ArrayList<>();

    @Option(names = "--config", paramLabel = "FILE", description = "Default: application.properties.")
    @Nullable String config;

    @Option(names = "--data", paramLabel = "DIR", description = "Ledger and admin token. Default: data.")
    @Nullable String data;

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE",
            description = "A property, repeatable; beats environment and file.")
    Map<String, String> properties = new LinkedHashMap<>();

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
