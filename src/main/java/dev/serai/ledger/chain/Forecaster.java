package dev.serai.ledger.chain;

import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.DeliveryChain;
import dev.serai.forecast.Forecast;
import dev.serai.forecast.ForecastScore;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Regime;
import dev.serai.forecast.RegimeModel;
import dev.serai.forecast.RegimePeriod;
import dev.serai.forecast.RetryPlan;
import dev.serai.forecast.TargetLoad;
import dev.serai.forecast.TargetLoad.Retrying;
import dev.serai.forecast.TransitionShares;
import dev.serai.ledger.chain.ChainBook.Scores;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.TimeSource;
import dev.serai.task.FailureLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes forecasts of what was counted. The attempts of the last day are used, or those of the last two weeks if the day has fewer than
 * {@value #ATTEMPTS_ENOUGH}.
 *
 * <p>Threads: safe.
 */
public final class Forecaster {
    private static final long ATTEMPTS_ENOUGH = 200;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONG = Duration.ofDays(14);
    private static final Duration SCORED = Duration.ofDays(7);
    /** Before any attempt was timed. */
    private static final double ATTEMPT_SECONDS = 0.1;

    private static final double ATTEMPT_SECONDS_MIN = 0.001;

    /** So many changes that are due again stand for all of them. */
    private static final int SAMPLE = 100;
    /** Times are foretold of each target in as many minutes to be scored, and of no more targets in a minute than that. */
    private static final int TRIAL_MINUTES = 10;

    private static final int TRIALS_MAX = 20;

    private final ChainBook book;
    private final TimeSource time;
    private final FailureLog problems = new FailureLog("Scoring forecasts");
    private final BiFunction<TargetName, Integer, List<Delivery>> waiting;

    /** @param waiting some of the deliveries of a target that wait after a failure, at most as many as given */
    public Forecaster(ChainBook book, TimeSource time, BiFunction<TargetName, Integer, List<Delivery>> waiting) {
        this.book = book;
        this.time = time;
        this.waiting = waiting;
    }

    /**
     * A forecast with what belongs to it.
     *
     * @param since when the regime began
     * @param load what it was made for
     * @param score how well attempts of the last week were foretold
     * @param intervals how often times that were foretold in the last week came true
     * @param drift why it may be wrong, or null
     */
    public record TargetForecast(
            TargetName target,
            Instant madeAt,
            Regime regime,
            Instant since,
            TargetLoad load,
            Forecast forecast,
            ForecastScore score,
            IntervalScore intervals,
            @Nullable Drift drift) {}

    /**
     * Makes a forecast; empty if no route of this process delivers to the target, or if it is paused: then nobody knows when changes are
     * tried. It takes some ten milliseconds, and reads the store.
     */
    public Optional<TargetForecast> of(TargetName name, TargetStatus status) {
        return status.hasRoute() && !status.isPaused()
                ? book.find(name).map(recorder -> of(name, recorder, status))
                : Optional.empty();
    }

    /**
     * What there is to do once a minute so that intervals come true: scores the times that are known now, and foretells those of some
     * targets to be scored.
     */
    public void tryOut(Supplier<Map<TargetName, TargetStatus>> targets) {
        try {
            tryOut(targets.get());
        } catch (RuntimeException e) { // the next minute does
            problems.failed(e);
        }
    }

    private void tryOut(Map<TargetName, TargetStatus> targets) {
        int turns = Math.max(TRIAL_MINUTES, targets.size() / TRIALS_MAX);
        long minute = time.millis() / MINUTE.toMillis();
        targets.forEach((name, status) -> book.find(name).ifPresent(recorder -> {
            recorder.trials().look(status.oldest());
            boolean isTurn = Math.floorMod(minute + name.hashCode(), turns) == 0;
            boolean waits = status.backlog() > 0;
            if (isTurn && recorder.trials().takesMore(waits)) {
                of(name, status).ifPresent(made -> recorder.trials().begin(made.forecast(), waits));
            }
        }));
    }

    private TargetForecast of(TargetName name, TargetRecorder recorder, TargetStatus status) {
        Instant now = time.instant();
        TargetOptions options = recorder.options();
        ChainCounts counts = counts(name, now);
        List<RegimePeriod> periods = book.periods(name);
        RegimePeriod running = recorder.running();
        double attemptSeconds = Math.max(ATTEMPT_SECONDS_MIN, counts.attemptSeconds(ATTEMPT_SECONDS));
        double perSecond = options.concurrency() * options.batchSize() / attemptSeconds;
        if (options.ratePerSecond() > 0) {
            perSecond = Math.min(perSecond, options.ratePerSecond());
        }
        TargetLoad load = new TargetLoad(
                running.regime(),
                running.seconds(),
                status.delivering(),
                status.pending(),
                scaled(retrying(name, status, now), status.waiting()),
                status.parked(),
                perSecond,
                recorder.attemptSeconds(attemptSeconds));
        Scores scores = book.scores(name, now.minus(SCORED));
        return new TargetForecast(
                name,
                now,
                running.regime(),
                Instant.ofEpochMilli(running.startMillis()),
                load,
                Forecast.of(counts, periods, plan(options.redelivery()), load, scores.intervals()),
                scores.attempts(),
                scores.intervals(),
                recorder.drift().orElse(null));
    }

    /**
     * A redelivery budget that is too small.
     *
     * @param delivered the probability with which a change is delivered, as the target is up
     * @param needed how many redeliveries reach the wished probability; empty if none do
     */
    public record Shortfall(double delivered, OptionalInt needed) {}

    /**
     * Whether the redeliveries of these options miss a probability of delivery; empty if they do not, or if fewer than
     * {@value #ATTEMPTS_ENOUGH} attempts were counted.
     */
    public Optional<Shortfall> shortfall(TargetName name, TargetOptions options, double wished) {
        ChainCounts counts = counts(name, time.instant());
        if (counts.attempts() < ATTEMPTS_ENOUGH) {
            return Optional.empty();
        }
        DeliveryChain chain = new DeliveryChain(
                new TransitionShares(counts),
                new RegimeModel(book.periods(name)),
                plan(options.redelivery()),
                counts.askedSeconds());
        double delivered = chain.delivered(1, Regime.UP);
        return delivered >= wished
                ? Optional.empty()
                : Optional.of(new Shortfall(delivered, chain.budget(wished, Regime.UP)));
    }

    private ChainCounts counts(TargetName name, Instant now) {
        ChainCounts day = book.counts(ChainWindow.FIVE_MINUTES, name, now.minus(DAY));
        return day.attempts() >= ATTEMPTS_ENOUGH ? day : book.counts(ChainWindow.HOUR, name, now.minus(LONG));
    }

    private static RetryPlan plan(RedeliveryPolicy policy) {
        int more = policy.maximumRedeliveries();
        return new RetryPlan(
                more < 0 || more == Integer.MAX_VALUE ? Integer.MAX_VALUE : more + 1,
                policy.redeliveryDelay().toMillis() / 1000.0,
                policy.backOffMultiplier(),
                policy.maximumRedeliveryDelay().toMillis() / 1000.0,
                policy.collisionAvoidanceFactor());
    }

    private List<Retrying> retrying(TargetName name, TargetStatus status, Instant now) {
        List<Retrying> sample = new ArrayList<>();
        for (Delivery delivery : status.waiting() == 0 ? List.<Delivery>of() : waiting.apply(name, SAMPLE)) {
            Instant due = delivery.dueAt();
            double seconds = due == null ? 0 : Duration.between(now, due).toMillis() / 1000.0;
            sample.add(new Retrying(delivery.attempts() + 1, 1, Math.max(0, seconds)));
        }
        return sample;
    }

    /** The sample stands for all; without one, all wait for their second attempt. */
    private static List<Retrying> scaled(List<Retrying> sample, long all) {
        if (all == 0) {
            return List.of();
        }
        if (sample.isEmpty()) {
            return List.of(new Retrying(2, all, 0));
        }
        List<Retrying> scaled = new ArrayList<>();
        long left = all;
        for (int i = 0; i < sample.size(); i++) {
            long part = left / (sample.size() - i);
            left -= part;
            if (part > 0) {
                scaled.add(new Retrying(
                        sample.get(i).attempt(), part, sample.get(i).inSeconds()));
            }
        }
        return scaled;
    }
}
