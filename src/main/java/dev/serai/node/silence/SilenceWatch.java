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
import java.util.Objects;
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
 * Looks at the sources every few seconds: gives them what was learned about them before, and saves what they learn; tells them what
 * comes to other nodes that share the ledger; logs when one falls silent and when it is not any more; lets the pulls that read into
 * the flows of a silent push run more often meanwhile; and counts the changes that they found first.
 *
 * <p>Promise: what is not known is not silence. While a node does not say what came to it, and after one has gone, every pause begins
 * anew but those of sources that were silent before, at all nodes.
 *
 * <p>Each node learns the same from what all of them say. The one with the first shard saves it, and its log has the lines.
 *
 * <p>Threads: guarded by itself.
 */
public final class SilenceWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);
    private static final long LOOK_MILLIS = 5_000;
    /** What comes to other nodes is taken to come when it is seen. */
    private static final long SHARED_LOOK_MILLIS = 1_000;

    private static final long SAVE_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final SourceRegistry sources;
    private final Ledger ledger;
    private final TimeSource time;
    private final SourceMemories memories;
    private final HeardSources heard;
    private final RepeatedTask task = new RepeatedTask("The look at the rhythms of sources", this::look);
    private final FailureLog paceFailures = new FailureLog("Setting the pace of pulls");
    /** What sources reported when they fell silent. */
    private final Map<String, SourceReport> silent = new HashMap<>();

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "serai-silence");
        thread.setDaemon(true);
        return thread;
    });
    private long lookedMillis;
    private long savedMillis;

    public SilenceWatch(CamelContext camel, Ledger ledger) {
        this.sources = SourceRegistry.of(camel);
        this.ledger = ledger;
        this.time = sources.time();
        this.memories = new SourceMemories(ledger);
        this.heard = new HeardSources(ledger.talk());
        this.lookedMillis = time.monotonicMillis();
        this.savedMillis = lookedMillis;
    }

    /** Looks again and again from now on. */
    public void start() {
        long millis = ledger.talk().isShared() ? SHARED_LOOK_MILLIS : LOOK_MILLIS;
        task.start(looks, millis, millis);
    }

    /** Looks once more, and saves what was learned. */
    @Override
    public void close() {
        looks.shutdown();
        task.run();
        save();
    }

    private synchronized void save() {
        if (ledger.isFirstOwn()) {
            memories.save(time.instant());
        }
    }

    synchronized void look() {
        long now = time.monotonicMillis();
        List<SourceNow> before = sources.now().toList();
        heard.look(before.stream().map(SourceNow::report).toList());
        remember(before, sums(before));
        before.forEach(this::hear);
        List<SourceNow> own = sources.now().toList();
        Map<String, SourceReport> all = sums(own);
        List<SourceReport> pushed = reports(own, all, true);
        List<SourceReport> pulled = reports(own, all, false);
        own.forEach(this::tell);
        pushed.forEach(source -> countMissed(source, pulled, now - lookedMillis));
        setPaces(own, all);
        silent.keySet().retainAll(own.stream().map(SilenceWatch::key).toList());
        lookedMillis = now;
        if (now - savedMillis >= SAVE_MILLIS) {
            savedMillis = now;
            save();
        }
    }

    /** What all nodes say of each source. */
    private Map<String, SourceReport> sums(List<SourceNow> own) {
        return heard.sum(own.stream().map(SourceNow::report).toList()).stream()
                .collect(Collectors.toMap(SourceReport::key, report -> report, (one, other) -> one));
    }

    private static String key(SourceNow source) {
        return source.report().key();
    }

    /** Those of all nodes about the sources that this one has. */
    private static List<SourceReport> reports(List<SourceNow> own, Map<String, SourceReport> all, boolean isPushed) {
        return own.stream()
                .filter(source -> source.isPushed() == isPushed)
                .map(source -> Objects.requireNonNull(all.get(key(source))))
                .distinct()
                .toList();
    }

    /** What backs up a push finds something only when a push is lost, so it has no rhythm of its own. */
    private void remember(List<SourceNow> own, Map<String, SourceReport> all) {
        Set<String> pushedFlows = new HashSet<>();
        for (SourceReport push : reports(own, all, true)) {
            SourceMemory memory = memories.of(push.key());
            memory.pushesTo(push.flows());
            pushedFlows.addAll(memory.flows());
        }
        for (SourceNow source : own) {
            boolean isBackup = !source.isPushed()
                    && Objects.requireNonNull(all.get(key(source))).flows().stream()
                            .anyMatch(pushedFlows::contains);
            source.pauses().remember(isBackup ? null : memories.of(key(source)));
        }
    }

    /** Tells a source what the other nodes say of it. */
    private void hear(SourceNow source) {
        if (heard.cameElsewhere(key(source))) {
            source.pauses().cameElsewhere();
        }
        if (source.report().state() == SourceState.STOPPED) {
            source.pauses().begin();
        }
        if (heard.isKnown()) {
            heard.silentSince(key(source)).ifPresent(source.pauses()::nothingSince);
        }
        source.pauses().look(heard.isKnown());
    }

    /**
     * A line when it falls silent, and one when it does not any more: of a silence that all nodes find by one of them, of a run that
     * was due by the node that did not begin it.
     */
    private void tell(SourceNow source) {
        SourceReport report = source.report();
        boolean isSilent = report.state() == SourceState.SILENT;
        SourceReport began = silent.get(key(source));
        if (isSilent && began == null) {
            silent.put(key(source), report);
            if (isToldHere(report)) {
                LOG.warn("The source {} is silent: {}", LogText.of(report.name()), report.reason());
            }
        } else if (!isSilent && began != null) {
            silent.remove(key(source));
            if (report.state() == SourceState.OK && isToldHere(began)) {
                Instant since = began.since() == null ? time.instant() : began.since();
                LOG.info(
                        "The source {} is not silent any more, after {}",
                        LogText.of(report.name()),
                        DurationText.between(since, time.instant()));
            }
        }
    }

    private boolean isToldHere(SourceReport began) {
        return began.silentSince() == null || ledger.isFirstOwn();
    }

    // ---- What pulls found first

    /** What the pulls of its flows brought first, and what it did. */
    private void countMissed(SourceReport push, List<SourceReport> pulled, long millis) {
        List<SourceReport> pulls =
                pulled.stream().filter(pull -> sharesFlow(pull, push)).toList();
        if (!pulls.isEmpty()) {
            long found = pulls.stream()
                    .mapToLong(pull -> heard.accepted(pull.key(), false))
                    .sum();
            memories.of(push.key()).missed().add(millis / 3_600_000.0, heard.accepted(push.key(), true), found);
        }
    }

    private static boolean sharesFlow(SourceReport one, SourceReport other) {
        return one.flows().stream().anyMatch(other.flows()::contains);
    }

    // ---- The pace of pulls

    /** One node runs a pull, and sets its pace by its own report, since the others know nothing of its runs. */
    private void setPaces(List<SourceNow> own, Map<String, SourceReport> all) {
        Set<String> silentFlows = own.stream()
                .filter(source -> source.isPushed() && source.report().state() == SourceState.SILENT)
                .flatMap(push -> memories.of(key(push)).flows().stream())
                .collect(Collectors.toCollection(HashSet::new));
        for (SourceNow pull : own) {
            if (pull.isPushed()) {
                continue;
            }
            boolean isWell = pull.report().state() == SourceState.OK;
            boolean isTight = isWell
                    && Objects.requireNonNull(all.get(key(pull))).flows().stream()
                            .anyMatch(silentFlows::contains);
            try {
                PullPace.set(pull.report().name(), pull.route(), isTight);
                paceFailures.worked();
            } catch (SchedulerException e) {
                paceFailures.failed(e);
            }
        }
    }
}
