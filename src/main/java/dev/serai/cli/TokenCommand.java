package dev.serai.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.serai.access.NamedToken;
import dev.serai.access.NamedTokenStore;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.text.TextTable;
import dev.serai.node.LedgerMaintenance;
import dev.serai.node.Settings;
import dev.serai.node.route.ConfigurationException;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = {
            "Makes, lists and removes named tokens for the admin port, in the node's data folder, or for all nodes that share a ledger.",
            "A running node sees the change within two seconds."
        },
        synopsisSubcommandLabel = "COMMAND")
final class TokenCommand implements Runnable {
    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    TokenCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say add, list or remove");
        }
    }

    @Command(name = "add", description = "Makes a token and prints it, once: only its hash is kept.")
    int add(
            @Mixin ClientArguments.NodeFolder folder,
            @Parameters(paramLabel = "NAME", description = "Who or what uses it; the log of actions has it.")
                    String name,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            required = true,
                            description = "view: may read; operate: may also act.")
                    String role) {
        TokenRole wanted = TokenRole.of(role)
                .orElseThrow(() -> new CliException(
                        ExitCode.USAGE,
                        "--role " + role + " is not a role: use "
                                + Arrays.stream(TokenRole.values())
                                        .map(TokenRole::word)
                                        .collect(Collectors.joining(" or "))));
        String secret = change(folder, file -> file.add(name, wanted, Clock.systemUTC()));
        out.println(secret);
        return ExitCode.DONE;
    }

    @Command(name = "list", description = "Lists the names and roles of the tokens.")
    int list(
            @Mixin ClientArguments.NodeFolder folder,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        NamedTokenStore.TokenList found = change(folder, NamedTokenStore::read);
        if (json) {
            ArrayNode list = ExactJson.MAPPER.createArrayNode();
            found.tokens().forEach(token -> list.addObject()
                    .put("name", token.name())
                    .put("role", token.role().word())
                    .put("madeAt", token.madeAt().toString()));
            out.println(list);
        } else {
            TextTable table = new TextTable("TOKEN", "ROLE", "MADE");
            found.tokens()
                    .forEach(token -> table.row(
                            token.name(), token.role().word(), token.madeAt().toString()));
            table.print(out);
        }
        if (!found.faults().isEmpty()) {
            throw new CliException(ExitCode.USAGE, String.join("; ", found.faults()) + "; such a line is not used");
        }
        return ExitCode.DONE;
    }

    @Command(name = "remove", description = "Removes a token: the node refuses it from then on.")
    int remove(@Mixin ClientArguments.NodeFolder folder, @Parameters(paramLabel = "NAME") String name) {
        NamedToken removed = change(folder, file -> file.remove(name));
        out.println(removed.name() + " removed");
        return ExitCode.DONE;
    }

    @FunctionalInterface
    private interface FileWork<T> {
        T on(NamedTokenStore store) throws IOException;
    }

    private static <T> T change(ClientArguments.NodeFolder folder, FileWork<T> work) {
        try {
            Settings settings = Settings.load(folder.options(), System.getenv());
            NamedTokenStore store = LedgerMaintenance.tokens(settings);
            try {
                return work.on(store);
            } catch (IOException e) {
                String mend = store instanceof TokenFile ? e + ": give --data" : String.valueOf(e.getMessage());
                throw new CliException(ExitCode.USAGE, store.name() + " cannot be used: " + mend);
            }
        } catch (NoSuchElementException e) {
            throw new CliException(ExitCode.NO, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException | ConfigurationException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
