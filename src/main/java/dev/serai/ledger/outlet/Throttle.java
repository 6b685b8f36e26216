package dev.serai.ledger.outlet;

import dev.serai.forecast.AttemptForecast;
import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.delivery.Blame;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.LedgerSettings.DeliveryListener;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the changes that are sent to a target: none during the wait that it asked for, single probes while it is down, and
 * a growing number after an outage.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class Throttle {
    private static final Logger LOG = LoggerFactory.getLogger(Throttle.class);
    /** How long this process keeps quiet after it could not send, for example because its threads were busy. */
    private static final Duration BUSY = Duration.ofMillis(100);

    private final TargetName target;
    private final Circuit circuit;
    private final TimeSource time;
    private final DeliveryListener listener;
    private final DrainPace pace;
    private final RateLimit rate;
    private final RecentOutcomes recent;
    private final TargetRecorder recorder;
    private long quietUntilMillis;
    private Duration untilNext = Duration.ZERO;

    Throttle(
            TargetName target,
            Circuit circuit,
            TargetOptions options,
            IntSupplier nodes,
            LedgerSettings settings,
            TargetRecorder recorder) {
        this.target = target;
        this.circuit = circuit;
        this.time = settings.clock();
        this.listener = settings.listener();
        this.pace = new DrainPace(options.batchSize() > 1);
        this.rate = new RateLimit(options.ratePerSecond(), nodes);
        this.recent = new RecentOutcomes(time);
        this.recorder = recorder;
        circuit.probeAfter(recorder::probeWait);
        circuit.release(); // a probe of an earlier subscription has no outcome any more
    }

    Circuit circuit() {
        return circuit;
    }

    RecentOutcomes recent() {
        return recent;
    }

    boolean isUp() {
        return circuit.state() == CircuitState.CLOSED;
    }

    /** Whether nothing may be sent now, however many deliveries are under way. */
    boolean isQuiet() {
        long now = time.monotonicMillis();
        return !isUp() || quietUntilMillis > now || rate.untilNext(now).toMillis() > 0 || pace.room(now) < 1;
    }

    /** Asks to send something; each true is followed by {@link #sent} and {@link #learn}, or by {@link #giveBack}. */
    boolean tryPass() {
        long now = time.monotonicMillis();
        Duration quiet = Duration.ofMillis(Math.max(0, quietUntilMillis - now));
        untilNext = max(quiet, rate.untilNext(now));
        if (!untilNext.isZero() && !untilNext.isNegative()) {
            return false;
        }
        if (!circuit.tryAcquire()) {
            untilNext = circuit.untilProbe();
            return false;
        }
        if (pace.room(now) < 1) {
            circuit.release();
            untilNext = pace.untilNext(now);
            return false;
        }
        return true;
    }

    /** After {@link #tryPass}: how many changes may go out together, at least one. */
    int most(int batchSize) {
        // A probe is a single change: otherwise one bad change could fail every probe batch while the target is up.
        return isUp() ? Math.max(1, Math.min(batchSize, pace.room(time.monotonicMillis()))) : 1;
    }

    /** A batch is sent: its changes get the number of the sending, and what is foretold about it by its first one. */
    void sent(List<PendingChange> batch) {
        long now = time.monotonicMillis();
        rate.sent(batch.size(), now);
        pace.sent(batch.size(), now);
        long number = circuit.nextNumber();
        recorder.trials().sent(batch.get(0).entry());
        AttemptForecast foretold = recorder.foretell(batch.get(0).attempts() + 1);
        for (PendingChange item : batch) {
            item.sent(number);
            item.foretell(foretold);
        }
    }

    /** Nothing was sent after all. */
    void giveBack() {
        circuit.release();
    }

    /** After {@link #tryPass} refused: how long until asking again is worth it. */
    Duration untilNext() {
        return untilNext;
    }

    /**
     * Adjusts the limits after an outcome, and tells who is to blame if it is a failure.
     *
     * @param batch what was sent together
     * @param tookMillis how long it was under way
     */
    Blame learn(Outcome outcome, List<PendingChange> batch, long tookMillis) {
        if (outcome instanceof Outcome.Interrupted) {
            circuit.release();
            keepQuiet(BUSY);
            return Blame.TARGET;
        }
        if (recent.add(outcome, batch.size())) {
            listener.failed(target);
        }
        boolean wasUp = isUp();
        PendingChange first = batch.get(0);
        Blame blame = circuit.record(outcome, first.keyHash(), first.sent());
        if (outcome instanceof Outcome.Delivered) {
            batch.subList(1, batch.size()).forEach(item -> circuit.record(outcome, item.keyHash(), item.sent()));
        }
        recorder.ended(first.foretold(), outcome, tookMillis);
        Duration quiet = outcome instanceof Outcome.Failed failed ? failed.quietFor() : null;
        if (quiet != null) {
            keepQuiet(quiet);
        }
        if (!wasUp && isUp()) {
            LOG.info("{} is up again, its backlog drains at a rising rate", target);
            pace.start(time.monotonicMillis());
            recorder.up();
        }
        return blame;
    }

    /** Leaves most probes to another node while that makes them, and tries the target at once when it is back for another node. */
    void heard(boolean isProbed, boolean isBack) {
        circuit.probeSeldom(isProbed);
        if (isBack) {
            circuit.probeNow();
        }
    }

    /** Everything fails since then: only probes go out from now on. */
    void open(Outcome last, Instant since) {
        circuit.open(last, since);
        recorder.down(since);
        LOG.warn("{} is down since {}, its changes wait: {}", target, since, last.reason());
    }

    long nextNumber() {
        return circuit.nextNumber();
    }

    private void keepQuiet(Duration duration) {
        quietUntilMillis = Math.max(quietUntilMillis, time.monotonicMillis() + duration.toMillis());
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /**
     * Limits how fast a target's backlog drains after an outage: {@value #FIRST_PER_SECOND} changes in the first second, twice
     * as many in each further one, for {@value #SECONDS} seconds. For batches what may go is added up in steps, so that they
     * are filled.
     */
    static final class DrainPace {
        private static final int FIRST_PER_SECOND = 32;
        private static final int SECONDS = 10;
        private static final int BATCH_STEP_MILLIS = 250;

        private final int stepMillis;

        private long startMillis = Long.MIN_VALUE;
        private long taken;

        DrainPace(boolean batches) {
            this.stepMillis = batches ? BATCH_STEP_MILLIS : 1;
        }

        /** The target is back. */
        void start(long nowMillis) {
            startMillis = nowMillis;
            taken = 0;
        }

        /** How many changes may go now. */
        int room(long nowMillis) {
            return isOn(nowMillis)
                    ? (int) Math.max(0, Math.ceil(allowed(nowMillis - startMillis)) - taken)
                    : Integer.MAX_VALUE;
        }

        void sent(int changes, long nowMillis) {
            if (isOn(nowMillis)) {
                taken += changes;
            }
        }

        /** How long until one more may go. */
        Duration untilNext(long nowMillis) {
            if (!isOn(nowMillis)) {
                return Duration.ZERO;
            }
            long elapsed = nowMillis - startMillis;
            long until = elapsed;
            while (allowed(until) <= taken) {
                until += 5;
            }
            return Duration.ofMillis(until - elapsed);
        }

        private boolean isOn(long nowMillis) {
            return startMillis != Long.MIN_VALUE && nowMillis - startMillis < SECONDS * 1000L;
        }

        /** How many may have gone this long after the start: a rate that doubles every second, added up. */
        private double allowed(long elapsedMillis) {
            long counted = elapsedMillis - elapsedMillis % stepMillis;
            return 1 + FIRST_PER_SECOND * (Math.pow(2, counted / 1000.0) - 1) / Math.log(2);
        }
    }
}
