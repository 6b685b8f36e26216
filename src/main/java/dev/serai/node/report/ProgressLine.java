package dev.serai.node.report;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.task.RepeatedTask;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Prints the totals of all flows and targets every few seconds, if they changed. */
public final class ProgressLine implements AutoCloseable {
    private static final long PAUSE_MILLIS = 5_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private final Ledger ledger;
    private final PrintStream out;
    private final Clock clock;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "serai-progress");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Totals last;

    private record Totals(
            long accepted, long delivered, long pending, long delivering, long retrying, long blocked, long dead) {}

    /** @param clock times are printed in its zone */
    public ProgressLine(Ledger ledger, PrintStream out, Clock clock) {
        this.ledger = ledger;
        this.out = out;
        this.clock = clock;
    }

    /** Begins; the totals of this moment are not printed. */
    public void start() {
        last = totals(read());
        new RepeatedTask("The line with the progress", this::print).start(scheduler, PAUSE_MILLIS, PAUSE_MILLIS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }

    /** Prints a line if anything changed since the last one. */
    void print() {
        @Nullable List<FlowStatus> flows = read();
        @Nullable Totals now = totals(flows);
        if (flows == null || now == null || now.equals(last)) {
            return;
        }
        out.println(line(now, oldest(flows)));
        last = now;
    }

    private String line(Totals now, @Nullable Instant oldest) {
        long added = now.accepted() - (last == null ? 0 : last.accepted());
        return String.format(
                Locale.ROOT,
                "%s accepted %,d (+%,d) · delivered %,d · pending %,d · delivering %,d · retrying %,d · blocked %,d · dead %,d · oldest %.1f s",
                TIME.format(clock.instant().atZone(clock.getZone())),
                now.accepted(),
                added,
                now.delivered(),
                now.pending(),
                now.delivering(),
                now.retrying(),
                now.blocked(),
                now.dead(),
                oldest == null
                        ? 0
                        : Math.max(0, Duration.between(oldest, clock.instant()).toMillis()) / 1000.0);
    }

    /** Null while the ledger cannot be read; the log and the health check say why. */
    private @Nullable List<FlowStatus> read() {
        try {
            return ledger.whole(ledger::flows);
        } catch (RuntimeException e) { // the next read may succeed
            return null;
        }
    }

    private static @Nullable Totals totals(@Nullable List<FlowStatus> flows) {
        if (flows == null) {
            return null;
        }
        List<TargetStatus> targets =
                flows.stream().flatMap(flow -> flow.targets().stream()).toList();
        return new Totals(
                flows.stream().mapToLong(FlowStatus::accepted).sum(),
                sum(targets, TargetStatus::delivered),
                sum(targets, TargetStatus::pending),
                sum(targets, TargetStatus::delivering),
                sum(targets, TargetStatus::waiting),
                sum(targets, TargetStatus::parked),
                sum(targets, TargetStatus::dead));
    }

    private static long sum(List<TargetStatus> targets, ToLongFunction<TargetStatus> figure) {
        return targets.stream().mapToLong(figure).sum();
    }

    private static @Nullable Instant oldest(List<FlowStatus> flows) {
        return flows.stream()
                .flatMap(f -> f.targets().stream())
                .map(TargetStatus::oldest)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
