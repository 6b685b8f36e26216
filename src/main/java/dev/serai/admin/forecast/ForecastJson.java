package dev.serai.admin.forecast;

import dev.serai.forecast.Expert;
import dev.serai.forecast.Forecast;
import dev.serai.forecast.ForecastScore;
import dev.serai.forecast.ForetoldTime;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Quantiles;
import dev.serai.ledger.chain.Forecaster.TargetForecast;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code GET /api/forecast/FLOW/TARGET}. Probabilities are from 0 to 1; p5 to p95 are quantiles, null for never.
 *
 * @param delivered the probability that a change accepted now is delivered
 * @param deliveredInterval in which it lies with 90 %
 * @param dead the probability that it becomes a dead letter
 * @param attempts how many it takes on average
 * @param secondsToConsistency until it is delivered
 * @param drainedAt when nothing of what waits now waits any more; null if nothing waits
 * @param deadWithinHour how many of those that wait now
 * @param budgetFor by the wished probability of delivery: how many redeliveries reach it; null if none do
 * @param observed of how many attempts it is made
 */
public record ForecastJson(
        String flow,
        String target,
        RegimeJson regime,
        double delivered,
        IntervalJson deliveredInterval,
        double dead,
        double attempts,
        TimesJson secondsToConsistency,
        @Nullable MomentsJson drainedAt,
        DeadJson deadWithinHour,
        Map<String, @Nullable Integer> budgetFor,
        ChainJson chain,
        ScoreJson score,
        @Nullable DriftJson drift,
        long observed) {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
    /** A tenth of a thousandth of a percent is enough. */
    private static final double DIGITS = 1e6;

    /** @param probabilities of each regime, in an hour */
    public record RegimeJson(String state, String since, Map<String, Double> probabilities) {}

    /** Nine of ten cases lie in it. */
    public record IntervalJson(double p5, double p95) {}

    public record TimesJson(
            @Nullable Double p5,
            @Nullable Double p50,
            @Nullable Double p80,
            @Nullable Double p95) {}

    public record MomentsJson(
            @Nullable String p5,
            @Nullable String p50,
            @Nullable String p80,
            @Nullable String p95) {}

    /** @param expected the mean */
    public record DeadJson(double expected, double p5, double p95) {}

    /** @param matrix a row for each state, which sums to 1 */
    public record ChainJson(List<String> states, double[][] matrix) {}

    /**
     * How well the attempts of the last week were foretold.
     *
     * @param n how many
     * @param skill how much smaller the Brier score is than that of the plain success rate
     * @param secondsToConsistency how often such times came true
     * @param drainedAt how often such times came true
     */
    public record ScoreJson(
            double brier,
            double logLoss,
            long n,
            double skill,
            Map<String, BaselineJson> baselines,
            CoverageJson secondsToConsistency,
            CoverageJson drainedAt) {}

    /**
     * Times of the last week that were foretold and are known.
     *
     * @param n how many
     * @param within90 the share of them that were in their 90 % interval; null without any
     * @param calibrated whether there are enough of them for the intervals to be more than those of the model
     */
    public record CoverageJson(long n, @Nullable Double within90, boolean calibrated) {}

    public record BaselineJson(double brier, double logLoss) {}

    /** The shares of attempts that fail, in the last minutes and usually. */
    public record DriftJson(double lately, double usual) {}

    static ForecastJson of(TargetForecast made) {
        Forecast forecast = made.forecast();
        Map<String, Double> probabilities = new TreeMap<>();
        forecast.inAnHour().forEach((regime, share) -> probabilities.put(regime.word(), rounded(share)));
        Map<String, @Nullable Integer> budgets = new TreeMap<>();
        forecast.budgets()
                .forEach((wished, budget) ->
                        budgets.put(String.valueOf(wished), budget.isPresent() ? budget.getAsInt() : null));
        boolean waits = made.load().pending() + made.load().blocked() > 0
                || !made.load().retrying().isEmpty();
        Quantiles within = forecast.deliveredInterval();
        Quantiles dead = forecast.deadWithinHour();
        Quantiles seconds = forecast.toConsistency().quantiles();
        @Nullable Drift drift = made.drift();
        return new ForecastJson(
                made.target().flow(),
                made.target().target(),
                new RegimeJson(made.regime().word(), TIME.format(made.since()), probabilities),
                rounded(forecast.delivered()),
                new IntervalJson(rounded(within.p5()), rounded(within.p95())),
                rounded(forecast.dead()),
                rounded(forecast.attempts()),
                new TimesJson(
                        finite(seconds.p5()), finite(seconds.p50()), finite(seconds.p80()), finite(seconds.p95())),
                waits ? moments(made.madeAt(), forecast.drained().quantiles()) : null,
                new DeadJson(rounded(forecast.expectedDeadWithinHour()), dead.p5(), dead.p95()),
                budgets,
                new ChainJson(
                        forecast.states(),
                        Arrays.stream(forecast.matrix())
                                .map(row -> Arrays.stream(row)
                                        .map(ForecastJson::rounded)
                                        .toArray())
                                .toArray(double[][]::new)),
                score(made.score(), made.intervals()),
                drift == null ? null : new DriftJson(rounded(drift.lately()), rounded(drift.usual())),
                forecast.observed());
    }

    private static ScoreJson score(ForecastScore score, IntervalScore intervals) {
        Map<String, BaselineJson> baselines = new TreeMap<>();
        for (Expert expert : Expert.values()) {
            int column = ForecastScore.column(expert);
            baselines.put(
                    expert.word(), new BaselineJson(rounded(score.brier(column)), rounded(score.logLoss(column))));
        }
        return new ScoreJson(
                rounded(score.brier(ForecastScore.MIXTURE)),
                rounded(score.logLoss(ForecastScore.MIXTURE)),
                score.attempts(),
                rounded(score.skill()),
                baselines,
                coverage(intervals, ForetoldTime.Horizon.DELIVERED),
                coverage(intervals, ForetoldTime.Horizon.DRAINED));
    }

    private static CoverageJson coverage(IntervalScore intervals, ForetoldTime.Horizon horizon) {
        long known = intervals.outcomes(horizon);
        return new CoverageJson(
                known,
                known == 0 ? null : (Double) rounded(intervals.within90(horizon)),
                known >= IntervalScore.OUTCOMES_ENOUGH);
    }

    private static MomentsJson moments(Instant from, Quantiles seconds) {
        return new MomentsJson(
                moment(from, seconds.p5()),
                moment(from, seconds.p50()),
                moment(from, seconds.p80()),
                moment(from, seconds.p95()));
    }

    private static @Nullable String moment(Instant from, double seconds) {
        return Double.isFinite(seconds) ? TIME.format(from.plus(Duration.ofMillis(Math.round(seconds * 1000)))) : null;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? (Double) rounded(value) : null;
    }

    private static double rounded(double value) {
        return Math.round(value * DIGITS) / DIGITS;
    }
}
