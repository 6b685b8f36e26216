package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Forecasts are scored on kinds of simulated targets. With {@code -Dserai.forecast.seeds=6} the tables are those of docs/forecast.md; they
 * are written to target/forecast-families.md.
 */
class ForecastFamiliesTest {
    private static final int SEEDS = Integer.getInteger("serai.forecast.seeds", 1);
    private static final double STEP_SECONDS = SEEDS == 1 ? 3_600 : 1_800;
    private static final double IN_OUTAGE = 300;
    private static final Path TABLE = Path.of("target", "forecast-families.md");
    /** Where it can be foretold more than the plain success rate. */
    private static final Set<TargetFamily> TELLING = EnumSet.of(
            TargetFamily.OUTAGES, TargetFamily.THROTTLING, TargetFamily.DAILY_RHYTHM, TargetFamily.MAINTENANCE);

    private static final Map<TargetFamily, List<FamilyRun>> RUNS = new EnumMap<>(TargetFamily.class);

    @BeforeAll
    static void run() {
        for (TargetFamily family : TargetFamily.values()) {
            List<FamilyRun> runs = IntStream.range(0, SEEDS)
                    .mapToObj(seed -> new FamilyRun(family, 1 + 1_000L * seed))
                    .toList();
            runs.forEach(run -> run.run(STEP_SECONDS));
            RUNS.put(family, runs);
        }
    }

    @AfterAll
    static void forget() {
        RUNS.clear();
    }

    private static List<FamilyRun> runs(TargetFamily family) {
        return Objects.requireNonNull(RUNS.get(family));
    }

    private static String name(TargetFamily family) {
        return family.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Test
    void theMixtureIsBetterThanThePlainRateWhereMoreCanBeToldAndNeverMuchWorse() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| family | attempts | Brier | plain rate's | skill | log loss | best expert | nats above it in all |");
        lines.add("|---|---|---|---|---|---|---|---|");
        for (TargetFamily family : TargetFamily.values()) {
            for (FamilyRun run : runs(family)) {
                ForecastScore score = run.score;
                Expert best = best(score);
                double above = score.logLossSum(ForecastScore.MIXTURE) - score.logLossSum(ForecastScore.column(best));
                if (run == runs(family).get(0)) {
                    lines.add(line(family, score, best, above));
                }
                assertThat(score.attempts()).isGreaterThan(10_000);
                assertThat(above)
                        .as("%s, of which %d outcomes are not known yet", family, run.underWayMax)
                        .isLessThan((1 + run.underWayMax) * Math.log(Expert.COUNT) + 0.1);
                assertThat(score.skill())
                        .as("%s", family)
                        .isGreaterThanOrEqualTo(TELLING.contains(family) ? 0.2 : -0.01);
            }
        }
        write(lines);
    }

    private static Expert best(ForecastScore score) {
        Expert best = Expert.PLAIN;
        for (Expert expert : Expert.values()) {
            best = score.logLossSum(ForecastScore.column(expert)) < score.logLossSum(ForecastScore.column(best))
                    ? expert
                    : best;
        }
        return best;
    }

    private static String line(TargetFamily family, ForecastScore score, Expert best, double above) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.4f | %.4f | %.3f | %.4f | %s | %.1f |",
                name(family),
                score.attempts(),
                score.brier(ForecastScore.MIXTURE),
                score.brier(ForecastScore.column(Expert.PLAIN)),
                score.skill(),
                score.logLoss(ForecastScore.MIXTURE),
                best.word(),
                above);
    }

    @Test
    void intervalsOfNinePerTenCoverEightyEightToNinetyTwoPercent() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| family | forecasts of one change | in its 90 % interval | at or below p80 | at or below p95"
                + " | forecasts of drained | in its 90 % interval |");
        lines.add("|---|---|---|---|---|---|---|");
        FamilyRun.Tally single = new FamilyRun.Tally();
        FamilyRun.Tally drained = new FamilyRun.Tally();
        for (TargetFamily family : TargetFamily.values()) {
            FamilyRun.Tally ownSingle = sum(runs(family), run -> run.single);
            FamilyRun.Tally ownDrained = sum(runs(family), run -> run.drained);
            lines.add(line(name(family), ownSingle, ownDrained));
            single.add(ownSingle);
            drained.add(ownDrained);
            assertThat(ownSingle.share90()).as("one change, %s", family).isBetween(0.8, 0.97);
        }
        lines.add(line("all", single, drained));
        write(lines);
        assertThat(single.share90()).as("one change").isCloseTo(0.9, within(tolerance(single)));
        assertThat(drained.share90()).as("until all is drained").isCloseTo(0.9, within(tolerance(drained)));
    }

    /** Two percent, or two standard errors if there are too few forecasts for that. */
    private static double tolerance(FamilyRun.Tally tally) {
        return Math.max(0.02, 2 * Math.sqrt(0.9 * 0.1 / tally.forecasts));
    }

    private static FamilyRun.Tally sum(Collection<FamilyRun> runs, Function<FamilyRun, FamilyRun.Tally> of) {
        FamilyRun.Tally sum = new FamilyRun.Tally();
        runs.forEach(run -> sum.add(of.apply(run)));
        return sum;
    }

    @Test
    void fiveMinutesIntoAnOutageItsEndIsToldAboutAsWellAsAnybodyCan() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| family | outages | off by, of the time left | at best | off by, of the time from the begin | at best |");
        lines.add("|---|---|---|---|---|---|");
        for (TargetFamily family : TargetFamily.values()) {
            if (!family.hasLongOutages()) {
                continue;
            }
            List<Double> ofLeft = sorted(runs(family), run -> run.drainErrors);
            List<Double> ofAll = sorted(runs(family), run -> run.drainErrorsOfAll);
            double left = ofLeft.get(ofLeft.size() / 2);
            double all = ofAll.get(ofAll.size() / 2);
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.1f %% | %.1f %% | %.1f %% | %.1f %% |",
                    name(family),
                    ofLeft.size(),
                    100 * left,
                    100 * family.leastError(IN_OUTAGE, false),
                    100 * all,
                    100 * family.leastError(IN_OUTAGE, true)));
            assertThat(ofLeft).hasSizeGreaterThan(10);
            assertThat(left).as("%s", family).isLessThan(family.leastError(IN_OUTAGE, false) + 0.1);
            if (family == TargetFamily.MAINTENANCE) {
                assertThat(left).as("outages as long as each other").isLessThan(0.15);
            }
        }
        write(lines);
    }

    private static List<Double> sorted(Collection<FamilyRun> runs, Function<FamilyRun, List<Double>> of) {
        return runs.stream().flatMap(run -> of.apply(run).stream()).sorted().toList();
    }

    private static String line(String name, FamilyRun.Tally single, FamilyRun.Tally drained) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.1f %% | %.1f %% | %.1f %% | %d | %s |",
                name,
                single.forecasts,
                100 * single.share90(),
                100.0 * single.below80 / single.forecasts,
                100.0 * single.below95 / single.forecasts,
                drained.forecasts,
                drained.forecasts == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * drained.share90()));
    }

    private static void write(List<String> lines) throws IOException {
        Files.createDirectories(TABLE.getParent());
        String before = Files.exists(TABLE) ? Files.readString(TABLE) : "";
        Files.writeString(TABLE, before + String.join("\n", lines) + "\n\n");
    }
}
