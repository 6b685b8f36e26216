package dev.serai.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import dev.serai.node.LedgerMaintenance;
import dev.serai.node.LedgerMaintenance.CopyLine;
import dev.serai.node.Settings;
import dev.serai.node.StartFailure;
import dev.serai.text.ExactJson;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Moves a ledger to another database.", synopsisSubcommandLabel = "COMMAND")
final class LedgerCommand implements Runnable {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final int DIGEST_CHARS = 16;

    private final PrintWriter out;
    private final PrintWriter err;
    private long toldNanos = System.nanoTime();

    @Spec
    private @Nullable CommandSpec spec;

    LedgerCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say copy");
        }
    }

    @Command(
            name = "copy",
            description = {
                "Copies a ledger from SQLite to PostgreSQL, or back, and compares both.",
                "No node may have it open. After an interruption the same command goes on."
            })
    int copy(
            @Mixin ClientArguments.NodeFolder folder,
            @Parameters(paramLabel = "FROM", description = "A JDBC URL: jdbc:sqlite:FILE or jdbc:postgresql://...")
                    String from,
            @Parameters(paramLabel = "TO", description = "A JDBC URL where no ledger is yet.") String to,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        List<CopyLine> copied;
        try {
            Settings settings = Settings.load(folder.options(), System.getenv());
            copied = LedgerMaintenance.copy(settings, resolved(from), resolved(to), this::tell);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            StartFailure failure = StartFailure.of(e, null);
            throw new CliException(failure.exitCode(), failure.message());
        }
        print(copied, json);
        return ExitCode.DONE;
    }

    /** A line of progress, once a second. */
    private void tell(String done) {
        long now = System.nanoTime();
        if (now - toldNanos >= TimeUnit.SECONDS.toNanos(1)) {
            toldNanos = now;
            err.println(done);
            err.flush();
        }
    }

    /** A file is relative to the caller's folder. */
    private static String resolved(String url) {
        if (!url.startsWith(SQLITE)) {
            return url;
        }
        Path file = CallerFolder.ofProcess().resolve(url.substring(SQLITE.length()));
        return SQLITE + file.toAbsolutePath().normalize();
    }

    private void print(List<CopyLine> copied, boolean json) {
        if (json) {
            ObjectNode answer = ExactJson.MAPPER.createObjectNode();
            ArrayNode tables = answer.putArray("tables");
            copied.forEach(one -> tables.addObject()
                    .put("table", one.table())
                    .put("rows", one.rows())
                    .put("sha256", one.sha256()));
            out.println(answer);
            return;
        }
        TextTable table = new TextTable("TABLE", "ROWS", "SHA-256");
        copied.forEach(one -> table.row(
                TerminalText.clean(one.table()),
                String.valueOf(one.rows()),
                one.sha256().substring(0, DIGEST_CHARS)));
        table.print(out);
        out.println("copied, and equal on both sides: set camel.component.ledger.url to the copy");
    }
}
