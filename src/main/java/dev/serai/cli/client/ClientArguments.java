package dev.serai.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.node.RunOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that asks a running node. */
public final class ClientArguments {
    /** A token instead of the node's token file; for a client on another machine. */
    public static final String TOKEN_VARIABLE = "SERAI_TOKEN";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The node's admin port. Default: serai.admin.* of the properties, http://127.0.0.1:8081.")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Has the token to use. Default: the variable SERAI_TOKEN is the token, else the file is"
                    + " serai.admin.tokenFile, data/admin.token.")
    private @Nullable String tokenFile;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Mixin
    private final NodeFolder folder = new NodeFolder();

    @Option(names = "--json", description = "Print the admin API's JSON.")
    private boolean json;

    private boolean incomplete;

    /** The options that say where the node on this machine has its files. */
    public static final class NodeFolder {
        @Option(names = "--config", paramLabel = "FILE", description = "Default: application.properties.")
        private @Nullable String config;

        @Option(names = "--data", paramLabel = "DIR", description = "The node's data folder. Default: data.")
        private @Nullable String data;

        @Option(
                names = "-p",
                paramLabel = "NAME=VALUE",
                description = "A property that the node was given, repeatable; beats environment and file.")
        private Map<String, String> properties = new LinkedHashMap<>();

        /** What the node on this machine was given, as far as the arguments say. */
        public RunOptions options() {
            CallerFolder caller = CallerFolder.ofProcess();
            return new RunOptions(
                    List.of(),
                    List.of(),
                    config == null ? null : caller.resolve(config),
                    data == null ? null : caller.resolve(data),
                    Map.copyOf(properties));
        }
    }

    /** The option of every command that changes something. */
    public static final class Reason {
        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the log of actions.")
        private @Nullable String reason;

        public ObjectNode write(ObjectNode body) {
            return reason == null ? body : body.put("reason", reason);
        }
    }

    public boolean json() {
        return json;
    }

    /** Whether a node is named, which need not be on this machine. */
    public boolean namesNode() {
        return url != null;
    }

    public RunOptions options() {
        return folder.options();
    }

    public AdminClient client() {
        return client(System.getenv());
    }

    public AdminClient client(Map<String, String> environment) {
        AdminSettings settings = AdminSettings.read(options(), environment);
        Path file = tokenFile == null
                ? settings.tokenFile()
                : CallerFolder.ofProcess().resolve(tokenFile);
        @Nullable String token = tokenFile == null ? environment.get(TOKEN_VARIABLE) : null;
        AdminClient client = new AdminClient(url == null ? settings.url() : url, file, token, settings.trust());
        @Nullable CommandSpec given = command;
        return client.warning(warning -> {
            incomplete = true;
            if (given != null) {
                given.commandLine().getErr().println(warning);
            }
        });
    }

    /** The exit code of a command that would end with this one: what was answered without a part of the ledger is no whole answer. */
    public int exitCode(int code) {
        return incomplete && (code == ExitCode.DONE || code == ExitCode.NO) ? ExitCode.NO_NODE : code;
    }
}
