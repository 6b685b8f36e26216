package dev.serai.ledger.delivery;

import dev.serai.ledger.time.TimeSource;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A target's circuit: closed while the target takes changes, open while everything fails.
 *
 * <p>An outage is never blamed on a change by itself: only a success of another change tells that the target was up. A
 * refusal is the change's own fault, unless too many different keys were refused since the last success: {@value #SHARED_MAX}
 * for a cause that all changes share, {@value #REFUSED_MAX} for any other. While the circuit is open, one probe at a time goes out, after {@value #PROBE_FIRST_MILLIS} ms first and up to
 * {@value #PROBE_LAST_MILLIS} ms later, or when it is likely to be back, if the circuit learns that. See docs/decisions/002-what-counts-as-an-outage.md.
 *
 * <p>Threads: as in {@link Circuit}.
 */
public final class TargetCircuit implements Circuit {
    private static final long PROBE_FIRST_MILLIS = 200;
    private static final long PROBE_LAST_MILLIS = 15_000;
    /** The other node may be the only one that cannot reach the target. */
    private static final long SELDOM = 4;
    /** More probes do not make the interval longer. */
    private static final int PROBES_MAX = 10;

    private static final int SHARED_MAX = 3;
    private static final int REFUSED_MAX = 20;
    private static final int REMEMBERED = 1_024;
    private static final IntervalFunction PROBES =
            IntervalFunction.ofExponentialBackoff(PROBE_FIRST_MILLIS, 2, PROBE_LAST_MILLIS);

    private final TimeSource time;
    private final boolean learns;
    /** Keys that met an outage, or a refusal that all changes may share, since the last success. */
    private final Set<Long> sharedKeys = new HashSet<>();
    /** Keys that were refused since the last success. */
    private final Set<Long> refusedKeys = new HashSet<>();

    private final ProvenKeys proven = new ProvenKeys();
    /** Keys whose last delivery failed, with the numbers of those failures. */
    private final Map<Long, Long> failedKeys = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long number;
    /** The number of the latest sending that succeeded. */
    private long lastSuccess;
    /** The numbers at which it was opened and closed last. */
    private long opened;

    private long closed;
    private int probes;
    private long probedMillis;
    private long waitMillis;
    /** How many times as long as usual it waits. */
    private long patience = 1;

    /** Since when it has been down, in monotonic milliseconds. */
    private long downMillis;

    private LongFunction<OptionalLong> waits = down -> OptionalLong.empty();
    private volatile boolean probing;
    private volatile @Nullable Trouble trouble;

    public TargetCircuit(TimeSource time) {
        this(time, false);
    }

    /** @param learns whether probes come when the target is likely to be back, by how long it was down before */
    public TargetCircuit(TimeSource time, boolean learns) {
        this.time = time;
        this.learns = learns;
    }

    @Override
    public boolean tryAcquire() {
        if (trouble == null) {
            return true;
        }
        if (probing || time.monotonicMillis() < nextProbeMillis()) {
            return false;
        }
        probing = true;
        return true;
    }

    @Override
    public void release() {
        probing = false;
    }

    @Override
    public long nextNumber() {
        return ++number;
    }

    @Override
    public Blame record(Outcome outcome, long keyHash, long sent) {
        boolean probe = trouble != null && sent > opened;
        if (probe) {
            probing = false;
        }
        if (outcome instanceof Outcome.Delivered) {
            succeeded(keyHash, sent);
            return Blame.CHANGE;
        }
        if (outcome instanceof Outcome.Filtered) {
            return Blame.CHANGE; // says nothing about the target
        }
        proven.remove(keyHash);
        if (outcome instanceof Outcome.Refused refused && refused.status() == null) {
            return Blame.CHANGE; // refused on the way: says nothing about the target
        }
        Long before = failedKeys.put(keyHash, nextNumber());
        if (!isDoubtful(outcome, keyHash)) {
            close();
            return Blame.CHANGE;
        }
        if (probe) {
            probeFailed(outcome);
        }
        if (trouble != null || sent < closed) { // what was sent before it closed tells about the time before
            return Blame.TARGET;
        }
        // A doubtful refusal is one of many since the last success: what failed before that tells nothing.
        boolean isRefused = outcome instanceof Outcome.Refused;
        return !isRefused && before != null && before < lastSuccess ? Blame.PROBABLY_CHANGE : Blame.UNKNOWN;
    }

    private boolean isDoubtful(Outcome outcome, long keyHash) {
        if (outcome.isOutage()) {
            note(sharedKeys, keyHash, SHARED_MAX);
            return true;
        }
        if (outcome instanceof Outcome.Refused refused) {
            note(refusedKeys, keyHash, REFUSED_MAX);
            if (!refused.hasSharedCause()) {
                return refusedKeys.size() >= REFUSED_MAX;
            }
            note(sharedKeys, keyHash, SHARED_MAX);
            return sharedKeys.size() >= SHARED_MAX;
        }
        boolean rateLimit = outcome instanceof Outcome.Failed failed && failed.quietFor() != null;
        boolean mayBeOutage = outcome instanceof Outcome.Failed && !rateLimit;
        return mayBeOutage && trouble != null && sharedKeys.size() >= SHARED_MAX;
    }

    /** Remembers the key; more than these need not be told apart. */
    private static void note(Set<Long> keys, long keyHash, int most) {
        if (keys.size() < most) {
            keys.add(keyHash);
        }
    }

    private void succeeded(long keyHash, long sent) {
        sharedKeys.clear();
        refusedKeys.clear();
        if (!failedKeys.isEmpty()) {
            failedKeys.remove(keyHash);
        }
        proven.add(keyHash);
        lastSuccess = Math.max(lastSuccess, sent);
        close();
    }

    private void close() {
        if (trouble != null) {
            trouble = null;
            probing = false;
            closed = nextNumber();
        }
    }

    private void probeFailed(Outcome outcome) {
        Trouble before = trouble;
        if (before != null) {
            trouble = new Trouble(outcome.reason(), before.since());
            scheduleProbe();
        }
    }

    private void scheduleProbe() {
        probes = Math.min(PROBES_MAX, probes + 1);
        probedMillis = time.monotonicMillis();
        OptionalLong learned = learns ? waits.apply(probedMillis - downMillis) : OptionalLong.empty();
        waitMillis = learned.orElseGet(() -> PROBES.apply(probes));
    }

    private long nextProbeMillis() {
        return probedMillis + waitMillis * patience;
    }

    @Override
    public void open(Outcome last, Instant since) {
        trouble = new Trouble(last.reason(), since);
        opened = nextNumber();
        probes = 0;
        downMillis = time.monotonicMillis() - Math.max(0, time.millis() - since.toEpochMilli());
        scheduleProbe();
    }

    @Override
    public void probeAfter(LongFunction<OptionalLong> waits) {
        this.waits = waits;
    }

    @Override
    public void probeSeldom(boolean isSeldom) {
        patience = isSeldom ? SELDOM : 1;
    }

    @Override
    public void probeNow() {
        probedMillis = time.monotonicMillis();
        waitMillis = 0;
    }

    @Override
    public boolean hasSucceeded(long keyHash) {
        return proven.contains(keyHash);
    }

    @Override
    public boolean hasSucceeded() {
        return proven.isAny();
    }

    @Override
    public boolean hasFailed(long keyHash) {
        return failedKeys.containsKey(keyHash);
    }

    @Override
    public CircuitState state() {
        if (trouble == null) {
            return CircuitState.CLOSED;
        }
        return probing ? CircuitState.HALF_OPEN : CircuitState.OPEN;
    }

    @Override
    public @Nullable Trouble trouble() {
        return trouble;
    }

    @Override
    public Duration untilProbe() {
        return switch (state()) {
            case CLOSED -> Duration.ZERO;
            case OPEN -> Duration.ofMillis(Math.max(1, nextProbeMillis() - time.monotonicMillis()));
            case HALF_OPEN -> Duration.ofMillis(PROBE_LAST_MILLIS);
        };
    }
}
