package dev.serai.reconcile;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * Measures how fast a repair is while changes flow, and in which steps its thread spends the time. Run it by hand: arguments are
 * {@code target} or {@code source}, the number of keys to repair, {@code --rate}, and that of the changes a second that flow meanwhile.
 *
 * <p>How often the thread is seen in a step says how long that took, waiting included.
 */
final class RepairBench {
    private static final int OTHER_KEYS = 1_000;
    private static final long LOOK_MILLIS = 5;
    private static final int SENDERS = 4;

    private RepairBench() {}

    public static void main(String[] arguments) throws Exception {
        boolean isOfTarget = arguments[0].equals("target");
        int keys = Integer.parseInt(arguments[1]);
        double rate = Double.parseDouble(arguments[2]);
        int perSecond = Integer.parseInt(arguments[3]);
        try (ReconcileStage stage = new ReconcileStage(Files.createTempDirectory("serai-repair-bench"))) {
            prepare(stage, isOfTarget, keys);
            AtomicBoolean isOver = new AtomicBoolean();
            List<Thread> flow = IntStream.range(0, SENDERS)
                    .mapToObj(sender -> new Thread(() -> send(stage, sender, perSecond, isOver)))
                    .toList();
            flow.forEach(Thread::start);
            measure(stage, isOfTarget, keys, rate);
            isOver.set(true);
            for (Thread one : flow) {
                one.join();
            }
        }
    }

    private static void prepare(ReconcileStage stage, boolean isOfTarget, int keys) throws Exception {
        for (int i = 1; i <= keys; i++) {
            if (isOfTarget) {
                stage.push(ReconcileStage.key(i), i, 1);
            } else {
                stage.change(ReconcileStage.key(i), i, 1, false);
            }
        }
        if (isOfTarget) {
            stage.awaitDelivered();
            stage.has.clear();
        }
        stage.reconcile("state: '{id, amount}'\n" + stage.byKey() + stage.byPage()
                + (isOfTarget ? "" : stage.source(true, "  version: .v\n")));
    }

    private static void measure(ReconcileStage stage, boolean isOfTarget, int keys, double rate) throws Exception {
        RunRequest request = new RunRequest(false, 0, true, false, List.of(), rate, 1_000_000);
        while (!stage.reconciler.start("orders", request)) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        Map<String, Integer> steps = new TreeMap<>();
        long begin = 0;
        ReconcileReport report = stage.report();
        while (report.state().equals("running")) {
            boolean isRepairing = "repairing".equals(isOfTarget ? report.phase() : phaseOfSource(report));
            if (isRepairing) {
                begin = begin == 0 ? System.nanoTime() : begin;
                steps.merge(step(), 1, Integer::sum);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            report = stage.report();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        long repaired = isOfTarget
                ? report.repaired()
                : report.source() == null ? 0 : report.source().repaired();
        System.out.printf(
                Locale.ROOT,
                "%s: repaired %,d of %,d in %.1f s = %.0f keys/s; seen in %s%n",
                report.state(),
                repaired,
                keys,
                seconds,
                repaired / seconds,
                steps);
    }

    private static String phaseOfSource(ReconcileReport report) {
        SourceFindings source = report.source();
        return source == null ? "" : String.valueOf(source.phase());
    }

    /** The innermost method of a repair, or of what it calls of the ledger and the book. */
    private static String step() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(one -> one.getKey().getName().startsWith("serai-reconcile-orders"))
                .flatMap(one -> List.of(one.getValue()).stream())
                .filter(frame -> frame.getClassName().startsWith("dev.serai.")
                        && !frame.getClassName().contains(".book.BookTables"))
                .findFirst()
                .map(frame -> frame.getClassName().replaceFirst("^.*\\.", "") + "." + frame.getMethodName())
                .orElse("none");
    }

    private static void send(ReconcileStage stage, int sender, int perSecond, AtomicBoolean isOver) {
        long pause = TimeUnit.SECONDS.toNanos(SENDERS) / Math.max(1, perSecond);
        for (int i = 0; !isOver.get() && perSecond > 0; i++) {
            String key = "other" + sender + "-" + i % OTHER_KEYS;
            stage.change(key, i, 2 + i, true);
            try {
                TimeUnit.NANOSECONDS.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
