package dev.serai.cli;

import dev.serai.cli.client.ExitCode;
import dev.serai.log.Logging;
import dev.serai.node.FurtherMistakes;
import dev.serai.node.LedgerMaintenance;
import dev.serai.node.Node;
import dev.serai.node.Rehearsal;
import dev.serai.node.RouteFiles;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.node.StartFailure;
import dev.serai.node.live.Finding;
import dev.serai.node.live.LiveReport;
import dev.serai.node.mistake.MissingRoutes;
import dev.serai.node.reload.LiveRoutes;
import dev.serai.node.reload.RouteReload;
import dev.serai.node.report.RunReport;
import dev.serai.node.route.GuaranteeTable;
import dev.serai.node.route.MeasuredBudget;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out {@code run} and {@code check}. */
public final class Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    private static final Duration DRAIN_MAX = Duration.ofSeconds(30);

    private final PrintStream out;
    private final PrintStream err;

    public Runner(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs until a signal stops the process. Returns an exit code if it cannot start or cannot continue. */
    int run(RunOptions options) {
        long startedAt = System.nanoTime();
        Node node = null;
        RouteReload reload;
        RunReport report;
        try {
            Settings settings = Settings.load(options, System.getenv());
            boolean json = settings.isLogJson();
            Logging.setJson(json);
            Logging.setMask(settings.mask());
            tellOfSecrets(options);
            node = new Node(options, settings);
            // Before the start, so that files saved during it are seen.
            RouteReload.Watch watch = new RouteReload.Watch(options);
            node.start();
            reload = new RouteReload(options, watch, new LiveRoutes(node, DRAIN_MAX), out, err);
            report = new RunReport(node, Clock.systemDefaultZone());
            report.start(new Cli.Version().getVersion()[0], options, settings, json ? null : out);
        } catch (Exception | Error e) {
            StartFailure failure = failure(e, node);
            if (node != null) {
                node.close();
            }
            return print(failure, FurtherMistakes.afterStart(failure, options, RouteFiles.findAny(options)));
        }
        reload.start();
        // Before the ready line, after which a signal may come at once.
        AtomicInteger exitCode = new AtomicInteger();
        stopOnSignal(node, reload, report, exitCode);
        out.println(String.format( // at once, or lines of the log could come in between
                Locale.ROOT,
                "serai ready in %.1f s · flows %s · console %s",
                (System.nanoTime() - startedAt) / 1e9,
                node.flowsUrl(),
                node.adminUrl()));
        exitCode.set(waitForEnd(node));
        return exitCode.get();
    }

    /** Halts in the shutdown hook, since a process that a signal ends would not exit with 0. */
    private static void stopOnSignal(Node node, RouteReload reload, RunReport report, AtomicInteger exitCode) {
        Thread hook = new Thread(
                () -> {
                    report.stopping();
                    reload.close();
                    node.close();
                    Logging.flush();
                    report.stopped(
                            exitCode.get() == 0
                                    ? "a signal came (SIGTERM or Ctrl-C)"
                                    : "the ledger's writer has ended (exit code " + exitCode.get() + ")");
                    Runtime.getRuntime().halt(exitCode.get());
                },
                "serai-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Waits until the ledger's writer ends. The process then ends too, so that a supervisor can restart it. */
    private int waitForEnd(Node node) {
        try {
            err.println("serai: " + node.ledger().writerEnd().get());
            return StartFailure.WRITER_ENDED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Loads everything over a temporary ledger, starts nothing, and prints the guarantees.
     *
     * @param live whether to try what the routes use too; then 1 is returned if some of it is wrong
     */
    public int check(RunOptions options, boolean live) {
        tellOfSecrets(options);
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            try {
                rehearsal.load(RouteFiles.find(options));
                GuaranteeTable.of(rehearsal.context()).lines().forEach(out::println);
                MissingRoutes.warnings(rehearsal.context()).forEach(line -> err.println("serai: " + line));
                ledgerFile(options)
                        .map(file -> MeasuredBudget.warnings(rehearsal.context(), file))
                        .ifPresent(warnings -> warnings.forEach(line -> err.println("serai: " + line)));
                return live ? tryOut(rehearsal.context()) : 0;
            } catch (Exception | Error e) {
                return explain(failure(e, rehearsal.node()), options);
            }
        } catch (IOException e) {
            return explain(failure(e, null), options);
        }
    }

    /** Empty if the ledger is not a file. */
    private static Optional<Path> ledgerFile(RunOptions options) {
        return LedgerMaintenance.file(Settings.load(options, System.getenv()));
    }

    /** What is given with -p stands in the list of processes, for all users of the machine. */
    private static void tellOfSecrets(RunOptions options) {
        options.properties().forEach((name, value) -> {
            boolean refers = value.isEmpty() || value.startsWith("{{") || value.startsWith("file:");
            if (SecretNames.isParameter(name) && !refers) {
                LOG.warn(
                        "{} is given with -p, where all users of this machine can read it in the list of processes: take the"
                                + " environment or a file, see docs/secrets.md",
                        name);
            }
        });
    }

    private int tryOut(CamelContext context) throws InterruptedException {
        List<Finding> findings = LiveReport.of(context);
        out.println("tried now");
        findings.forEach(finding -> out.println("  " + finding.line()));
        if (findings.isEmpty()) {
            out.println("  nothing: the routes use nothing that can be tried without changing it");
        }
        return findings.stream().allMatch(Finding::isGood) ? 0 : ExitCode.NO;
    }

    private static StartFailure failure(Throwable failure, @Nullable Node node) {
        LOG.debug("Could not start", failure);
        return StartFailure.of(failure, node == null ? null : node.context());
    }

    /** With what else is wrong in the files of routes. */
    private int explain(StartFailure failure, RunOptions options) {
        return print(failure, FurtherMistakes.after(failure, options, RouteFiles.findAny(options)));
    }

    private int print(StartFailure failure, List<String> lines) {
        lines.forEach(line -> err.println("serai: " + line));
        return failure.exitCode();
    }
}
