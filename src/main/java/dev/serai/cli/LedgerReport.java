package dev.serai.cli;

import dev.serai.cli.client.ExitCode;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import dev.serai.node.LedgerMaintenance;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.node.StartFailure;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Carries out {@code check --ledger}. */
public final class LedgerReport {
    private final PrintStream out;
    private final PrintStream err;

    public LedgerReport(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Checks the ledger and prints what is wrong.
     *
     * @param accept whether to let a ledger without its write-ahead file start
     * @return the exit code: 0 if nothing is damaged, 1 if something is
     */
    public int print(RunOptions options, boolean accept) {
        try {
            LedgerMaintenance ledger = new LedgerMaintenance(Settings.load(options, System.getenv()));
            if (!Files.exists(ledger.ledger())) {
                err.println("serai: there is no ledger at " + ledger.ledger() + ": give --data");
                return ExitCode.USAGE;
            }
            if (accept) {
                out.println(
                        ledger.accept()
                                ? "accepted without its -wal file: what was in that file is lost"
                                : "nothing to accept: the ledger does not lack its -wal file");
            }
            return print(ledger);
        } catch (RuntimeException e) {
            StartFailure failure = StartFailure.of(e, null);
            err.println("serai: " + TerminalText.clean(failure.message()));
            return failure.exitCode() == StartFailure.LEDGER ? ExitCode.NO : failure.exitCode();
        }
    }

    private int print(LedgerMaintenance ledger) {
        List<LedgerMaintenance.LedgerProblem> problems = ledger.check();
        if (!problems.isEmpty()) {
            TextTable table = new TextTable("SEQUENCE", "FLOW", "KEY", "PROBLEM");
            for (LedgerMaintenance.LedgerProblem problem : problems) {
                table.row(
                        problem.sequence() == null ? "-" : problem.sequence().toString(),
                        cell(problem.flow()),
                        cell(problem.key()),
                        TerminalText.clean(problem.text()));
            }
            PrintWriter lines = new PrintWriter(out, true, StandardCharsets.UTF_8);
            table.print(lines);
            lines.flush();
        }
        long damaged = problems.stream().filter(problem -> !problem.note()).count();
        out.println(
                damaged == 0
                        ? ledger.ledger() + " is sound"
                        : ledger.ledger() + " is damaged in " + damaged
                                + " places; damaged changes become dead letters, the others are delivered: see"
                                + " \"Damage\" in docs/operate.md");
        return damaged == 0 ? ExitCode.DONE : ExitCode.NO;
    }

    private static String cell(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : TerminalText.clean(text);
    }
}
