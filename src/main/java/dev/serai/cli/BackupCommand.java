package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.LedgerMaintenance;
import dev.serai.node.Settings;
import dev.serai.node.StartFailure;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        description = {
            "Copies the ledger to a file and checks the copy, while the node runs or not.",
            "A node writes the file itself, on its machine. See docs/operate.md for restoring it."
        })
final class BackupCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 500;

    private final PrintWriter out;

    @Mixin
    private final ClientArguments client = new ClientArguments();

    @Mixin
    private final ClientArguments.Reason reason = new ClientArguments.Reason();

    @Parameters(paramLabel = "FILE", description = "A file that does not exist.")
    private String file = "";

    BackupCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        Path wanted = CallerFolder.ofProcess().resolve(file).toAbsolutePath().normalize();
        List<String> damaged = client.namesNode() ? null : withoutNode(wanted);
        if (damaged == null) {
            damaged = byNode(wanted);
        }
        if (!client.json()) {
            out.println("copied to " + TerminalText.clean(wanted.toString()) + ", checked and synced to disk");
            damaged.forEach(
                    problem -> out.println("damaged in the ledger and so in the copy: " + TerminalText.clean(problem)));
        }
        return damaged.isEmpty() ? ExitCode.DONE : ExitCode.NO;
    }

    /** Null if a node has the ledger open. */
    private @Nullable List<String> withoutNode(Path wanted) {
        try {
            LedgerMaintenance ledger = new LedgerMaintenance(Settings.load(client.options(), System.getenv()));
            if (!Files.exists(ledger.ledger())) {
                throw new CliException(
                        ExitCode.USAGE, "there is no ledger at " + ledger.ledger() + ": give --data or --url");
            }
            Optional<List<LedgerMaintenance.LedgerProblem>> problems = ledger.backup(wanted);
            if (problems.isEmpty()) {
                return null;
            }
            List<String> damaged = problems.get().stream()
                    .filter(problem -> !problem.note())
                    .map(LedgerMaintenance.LedgerProblem::text)
                    .toList();
            if (client.json()) {
                out.println(client.client()
                        .object()
                        .put("file", wanted.toString())
                        .put("state", "done")
                        .toString());
            }
            return damaged;
        } catch (CliException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            StartFailure failure = StartFailure.of(e, null);
            throw new CliException(failure.exitCode(), failure.message());
        }
    }

    private List<String> byNode(Path wanted) {
        AdminClient node = client.client();
        NodeAnswer answer = node.post("/api/backup", reason.write(node.object().put("file", wanted.toString())));
        try {
            while (answer.node().path("state").asText().equals("running")) {
                Thread.sleep(POLL_MILLIS);
                answer = node.get("/api/backup");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.NO_NODE, "interrupted; the node continues to copy");
        }
        if (client.json()) {
            out.println(answer.text());
        }
        List<String> damaged = new ArrayList<>();
        for (JsonNode problem : answer.node().path("damaged")) {
            damaged.add(problem.asText());
        }
        return damaged;
    }
}
