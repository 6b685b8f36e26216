package dev.serai.node.silence;

import dev.serai.camel.PushStatus;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceRegistry.SourceNow;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.PushMemory;
import dev.serai.task.FailureLog;
import dev.serai.task.RepeatedTask;
import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.quartz.SchedulerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the sources every few seconds: gives those that are pushed to what was learned about them before, and saves what they
 * learn; logs when one falls silent and when it pushes again; lets the pulls that read into the same flows run more often
 * meanwhile; and counts the changes that they found first.
 *
 * <p>Threads: guarded by itself.
 */
public final class SilenceWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);
    private static final long LOOK_MILLIS = 2_000;
    private static final long SAVE_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final SourceRegistry sources;
    private final TimeSource time;
    private final PushMemories memories;
    private final FailureLog paceFailures = new FailureLog("Setting the pace of pulls");
    private final Map<String, SourceReport> before = new HashMap<>();
    private final Map<String, Instant> silentSince = new HashMap<>();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "serai-silence");
        thread.setDaemon(true);
        return thread;
    });
    private long lookedMillis;
    private long savedMillis;

    public SilenceWatch(CamelContext camel, Ledger ledger) {
        this.sources = SourceRegistry.of(camel);
        this.time = sources.time();
        this.memories = new PushMemories(ledger);
        this.lookedMillis = time.monotonicMillis();
        this.savedMillis = lookedMillis;
    }

    /** Looks again and again from now on. */
    public void start() {
        new RepeatedTask("The look at the rhythms of sources", this::look).start(looks, LOOK_MILLIS, LOOK_MILLIS);
    }

    /** Ends the looks, and saves what was learned. */
    @Override
    public void close() {
        looks.shutdown();
        save();
    }

    private synchronized void save() {
        memories.save(time.instant());
    }

    synchronized void look() {
        long now = time.monotonicMillis();
        sources.now().forEach(this::remember);
        List<SourceNow> all = sources.now().toList();
        List<SourceNow> pushed =
                all.stream().filter(source -> source.pushed() != null).toList();
        List<SourceNow> pulled =
                all.stream().filter(source -> source.pushed() == null).toList();
        pushed.forEach(this::tell);
        pushed.forEach(source -> countMissed(source.report(), pulled, now - lookedMillis));
        setPaces(pushed, pulled);
        before.clear();
        all.forEach(source -> before.put(source.report().name(), source.report()));
        silentSince.keySet().retainAll(before.keySet());
        lookedMillis = now;
        if (now - savedMillis >= SAVE_MILLIS) {
            savedMillis = now;
            memories.save(time.instant());
        }
    }

    private void remember(SourceNow source) {
        PushStatus status = source.pushed();
        if (status == null) {
            return;
        }
        PushMemory memory = memories.of(source.report().name());
        memory.pushesTo(source.report().flows());
        status.remember(memory);
        if (source.report().state() == SourceState.STOPPED) {
            status.begin();
        }
    }

    /** A line when it falls silent, and one when it does not any more. */
    private void tell(SourceNow source) {
        SourceReport report = source.report();
        String name = report.name();
        boolean isSilent = report.state() == SourceState.SILENT;
        Instant since = silentSince.get(name);
        if (isSilent && since == null) {
            silentSince.put(name, report.since() == null ? time.instant() : report.since());
            LOG.warn("The source {} is silent: {}", LogText.of(name), report.reason());
        } else if (!isSilent && since != null) {
            silentSince.remove(name);
            if (report.state() == SourceState.OK) {
                LOG.info(
                        "The source {} pushes again after {}",
                        LogText.of(name),
                        DurationText.between(since, time.instant()));
            }
        }
    }

    // ---- What pulls found first

    /** What the pulls of its flows brought first, and what it did. */
    private void countMissed(SourceReport push, List<SourceNow> pulled, long millis) {
        List<SourceReport> pulls = pulled.stream()
                .map(SourceNow::report)
                .filter(pull -> sharesFlow(pull, push))
                .toList();
        if (!pulls.isEmpty()) {
            PushMemory memory = memories.of(push.name());
            long found = pulls.stream().mapToLong(this::foundSince).sum();
            memory.missed().add(millis / 3_600_000.0, acceptedSince(push), found);
        }
    }

    /** Of a first run nothing counts: it reads what was there before. */
    private long foundSince(SourceReport pull) {
        SourceReport last = before.get(pull.name());
        return last == null || last.lastGoodAt() == null ? 0 : acceptedSince(pull);
    }

    private long acceptedSince(SourceReport report) {
        SourceReport last = before.get(report.name());
        // The counts of a route that was loaded again begin at 0.
        return last == null || last.accepted() > report.accepted() ? 0 : report.accepted() - last.accepted();
    }

    private static boolean sharesFlow(SourceReport one, SourceReport other) {
        return one.flows().stream().anyMatch(other.flows()::contains);
    }

    // ---- The pace of pulls

    private void setPaces(List<SourceNow> pushed, List<SourceNow> pulled) {
        Set<String> silentFlows = pushed.stream()
                .map(SourceNow::report)
                .filter(push -> push.state() == SourceState.SILENT)
                .flatMap(push -> memories.of(push.name()).flows().stream())
                .collect(Collectors.toCollection(HashSet::new));
        for (SourceNow pull : pulled) {
            boolean isWell = pull.report().state() == SourceState.OK;
            boolean isTight = isWell && pull.report().flows().stream().anyMatch(silentFlows::contains);
            try {
                PullPace.set(pull.report().name(), pull.route(), isTight);
                paceFailures.worked();
            } catch (SchedulerException e) {
                paceFailures.failed(e);
            }
        }
    }
}
