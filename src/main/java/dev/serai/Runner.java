package dev.serai;

import dev.serai.console.ProgressLine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out {@code run} and {@code check}. */
final class Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    private final PrintStream out;
    private final PrintStream err;

    Runner(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs until the process is told to stop; returns only if it could not start, with the exit code. */
    int run(RunOptions options) {
        long startedAt = System.nanoTime();
        Node node = null;
        try {
            node = new Node(options, Settings.load(options, System.getenv()));
            node.start();
        } catch (Exception e) {
            int exitCode = explain(e, node);
            if (node != null) {
                node.close();
            }
            return exitCode;
        }
        ProgressLine progress = new ProgressLine(node.ledger(), out, Clock.systemDefaultZone());
        progress.start();
        stopWhenTold(node, progress); // before it says that it is ready, since it may be told at once
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        out.printf(
                Locale.ROOT,
                "serai ready in %.1f s · flows %s · console %s%n",
                seconds,
                node.flowsUrl(),
                node.adminUrl());
        return waitForTheEnd();
    }

    /** Exits from the shutdown hook itself, since a process that ends by a signal would not exit with 0. */
    private static void stopWhenTold(Node node, ProgressLine progress) {
        Thread hook = new Thread(
                () -> {
                    progress.close();
                    node.close();
                    Runtime.getRuntime().halt(0);
                },
                "serai-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static int waitForTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** Loads everything with a ledger of its own that is thrown away, starts nothing, and prints what is guaranteed. */
    int check(RunOptions options) {
        Node node = null;
        Path scratch = null;
        try {
            scratch = Files.createTempDirectory("serai-check");
            Settings settings = Settings.load(withScratchLedger(options, scratch), System.getenv());
            node = new Node(options, settings);
            node.load();
            Guarantees.of(node.context()).lines().forEach(out::println);
            return 0;
        } catch (Exception e) {
            return explain(e, node);
        } finally {
            if (node != null) {
                node.close();
            }
            deleteTree(scratch);
        }
    }

    private static RunOptions withScratchLedger(RunOptions options, Path scratch) {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.put("camel.component.ledger.url", "jdbc:sqlite:" + scratch.resolve("ledger.db"));
        return new RunOptions(options.routes(), options.kamelets(), options.config(), options.data(), properties);
    }

    private int explain(Exception failure, @Nullable Node node) {
        LOG.debug("Could not start", failure);
        StartFailure explained = StartFailure.of(failure, node == null ? null : node.context());
        err.println("serai: " + explained.message());
        return explained.exitCode();
    }

    private static void deleteTree(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            LOG.debug("Could not delete {}", folder, e);
        }
    }
}
