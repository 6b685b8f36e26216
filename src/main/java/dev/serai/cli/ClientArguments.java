package dev.serai.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that asks a running node. */
final class ClientArguments {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The node's admin port. Default: serai.admin.* of the properties, http://127.0.0.1:8081.")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Where the node keeps its admin token. Default: serai.admin.tokenFile, data/admin.token.")
    private @Nullable String tokenFile;

    @Option(names = "--config", paramLabel = "FILE", description = "Default: application.properties.")
    private @Nullable String config;

    @Option(names = "--json", description = "Print the admin API's JSON.")
    private boolean json;

    boolean json() {
        return json;
    }

    /** Whether a node is named, which need not be on this machine. */
    boolean namesNode() {
        return url != null;
    }

    @Nullable Path config() {
        return config == null ? null : CallerFolder.ofProcess().resolve(config);
    }

    AdminClient client() {
        CallerFolder caller = CallerFolder.ofProcess();
        AdminSettings settings = AdminSettings.read(config(), System.getenv());
        Path token = tokenFile == null ? settings.tokenFile() : caller.resolve(tokenFile);
        return new AdminClient(url == null ? settings.url() : url, token);
    }
}
