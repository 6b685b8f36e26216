package dev.serai.node.silence;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceRegistry.SourceNow;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.SourceMemory;
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
 * Looks at the sources every few seconds: gives them what was learned about them before, and saves what they learn; logs when one
 * falls silent and when it is not any more; lets the pulls that read into the flows of a silent push run more often
 * meanwhile; and counts the changes that they found first.
 *
 * <p>Threads: guarded by itself.
 */
public final class SilenceWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);
    private static final long LOOK_MILLIS = 5_000;
    private static final long SAVE_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final SourceRegistry sources;
    private final TimeSource time;
    private final SourceMemories memories;
    private final RepeatedTask task = new RepeatedTask("The look at the rhythms of sources", this::look);
    private final FailureLog paceFailures = new FailureLog("Setting the pace of pulls");
    private final Map<String, SourceReport> before = new HashMap<>();
    private final Map<String, Instant> silentSince = new HashMap<>();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "serai-silence");
        thread.setDaemon(true);
        return thread;
    });
    private long lookedMillis;
    private long savedMillis;

    public SilenceWatch(CamelContext camel, Ledger ledger) {
        this.sources = SourceRegistry.of(camel);
        this.time = sources.time();
        this.memories = new SourceMemories(ledger);
        this.lookedMillis = time.monotonicMillis();
        this.savedMillis = lookedMillis;
    }

    /** Looks again and again from now on. */
    public void start() {
        task.start(looks, LOOK_MILLIS, LOOK_MILLIS);
    }

    /** Looks once more, and saves what was learned. */
    @Override
    public void close() {
        looks.shutdown();
        task.run();
        save();
    }

    private synchronized void save() {
        memories.save(time.instant());
    }

    synchronized void look() {
        long now = time.monotonicMillis();
        List<SourceNow> all = sources.now().toList();
        remember(all);
        List<SourceNow> pushed = all.stream().filter(SourceNow::isPushed).toList();
        List<SourceNow> pulled =
                all.stream().filter(source -> !source.isPushed()).toList();
        all.forEach(this::tell);
        pushed.forEach(source -> countMissed(source, pulled, now - lookedMillis));
        setPaces(pushed, pulled);
        before.clear();
        all.forEach(source -> before.put(key(source), source.report()));
        silentSince.keySet().retainAll(before.keySet());
        lookedMillis = now;
        if (now - savedMillis >= SAVE_MILLIS) {
            savedMillis = now;
            memories.save(time.instant());
        }
    }

    /** What backs up a push finds something only when a push is lost, so it has no rhythm of its own. */
    private void remember(List<SourceNow> all) {
        Set<String> pushedFlows = new HashSet<>();
        for (SourceNow source : all) {
            if (source.isPushed()) {
                SourceMemory memory = memories.of(key(source));
                memory.pushesTo(source.report().flows());
                pushedFlows.addAll(memory.flows());
            }
        }
        for (SourceNow source : all) {
            boolean isBackup =
                    !source.isPushed() && source.report().flows().stream().anyMatch(pushedFlows::contains);
            source.learning().remember(isBackup ? null : memories.of(key(source)));
            if (source.report().state() == SourceState.STOPPED) {
                source.learning().begin();
            }
        }
    }

    /** A pull may have the name of a push. */
    private static String key(SourceNow source) {
        return (source.isPushed() ? "push:" : "pull:") + source.report().name();
    }

    /** A line when it falls silent, and one when it does not any more. */
    private void tell(SourceNow source) {
        SourceReport report = source.report();
        String name = report.name();
        String key = key(source);
        boolean isSilent = report.state() == SourceState.SILENT;
        Instant since = silentSince.get(key);
        if (isSilent && since == null) {
            silentSince.put(key, report.since() == null ? time.instant() : report.since());
            LOG.warn("The source {} is silent: {}", LogText.of(name), report.reason());
        } else if (!isSilent && since != null) {
            silentSince.remove(key);
            if (report.state() == SourceState.OK) {
                LOG.info(
                        "The source {} is not silent any more, after {}",
                        LogText.of(name),
                        DurationText.between(since, time.instant()));
            }
        }
    }

    // ---- What pulls found first

    /** What the pulls of its flows brought first, and what it did. */
    private void countMissed(SourceNow push, List<SourceNow> pulled, long millis) {
        List<SourceNow> pulls = pulled.stream()
                .filter(pull -> sharesFlow(pull.report(), push.report()))
                .toList();
        if (!pulls.isEmpty()) {
            long found = pulls.stream().mapToLong(this::foundSince).sum();
            memories.of(key(push)).missed().add(millis / 3_600_000.0, acceptedSince(push), found);
        }
    }

    /** Of a first run nothing counts: it reads what was there before. */
    private long foundSince(SourceNow pull) {
        SourceReport last = before.get(key(pull));
        return last == null || last.lastGoodAt() == null ? 0 : acceptedSince(pull);
    }

    private long acceptedSince(SourceNow source) {
        SourceReport last = before.get(key(source));
        long accepted = source.report().accepted();
        // The counts of a route that was loaded again begin at 0.
        return last == null || last.accepted() > accepted ? 0 : accepted - last.accepted();
    }

    private static boolean sharesFlow(SourceReport one, SourceReport other) {
        return one.flows().stream().anyMatch(other.flows()::contains);
    }

    // ---- The pace of pulls

    private void setPaces(List<SourceNow> pushed, List<SourceNow> pulled) {
        Set<String> silentFlows = pushed.stream()
                .filter(push -> push.report().state() == SourceState.SILENT)
                .flatMap(push -> memories.of(key(push)).flows().stream())
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
