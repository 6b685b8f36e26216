package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Forecasts are scored on ten families of simulated targets; the tables are those of docs/forecast.md. */
class ForecastFamiliesTest {
    private static final double STEP_SECONDS = 3_600;
    private static final Path TABLE = Path.of("target", "forecast-families.md");
    /** Where it can be foretold more than the plain success rate. */
    private static final Set<TargetFamily> TELLING =
            EnumSet.of(TargetFamily.OUTAGES, TargetFamily.THROTTLING, TargetFamily.DAILY_RHYTHM);

    private static final Map<TargetFamily, FamilyRun> RUNS = new EnumMap<>(TargetFamily.class);

    @BeforeAll
    static void run() {
        for (TargetFamily family : TargetFamily.values()) {
            FamilyRun run = new FamilyRun(family, 1);
            run.run(STEP_SECONDS);
            RUNS.put(family, run);
        }
    }

    @AfterAll
    static void forget() {
        RUNS.clear();
    }

    @Test
    void theMixtureIsBetterThanThePlainRateWhereMoreCanBeToldAndNeverMuchWorse() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| family | attempts | Brier | plain rate's | skill | log loss | best expert | nats above it in all |");
        lines.add("|---|---|---|---|---|---|---|---|");
        for (TargetFamily family : TargetFamily.values()) {
            ForecastScore score = Objects.requireNonNull(RUNS.get(family)).score;
            Expert best = Expert.PLAIN;
            for (Expert expert : Expert.values()) {
                best = score.logLossSum(ForecastScore.column(expert)) < score.logLossSum(ForecastScore.column(best))
                        ? expert
                        : best;
            }
            double above = score.logLossSum(ForecastScore.MIXTURE) - score.logLossSum(ForecastScore.column(best));
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.4f | %.4f | %.3f | %.4f | %s | %.1f |",
                    family.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    score.attempts(),
                    score.brier(ForecastScore.MIXTURE),
                    score.brier(ForecastScore.column(Expert.PLAIN)),
                    score.skill(),
                    score.logLoss(ForecastScore.MIXTURE),
                    best.word(),
                    above));
            assertThat(score.attempts()).isGreaterThan(10_000);
            assertThat(above).as("%s", family).isLessThan(Math.log(Expert.COUNT) + 0.1);
            assertThat(score.skill()).as("%s", family).isGreaterThanOrEqualTo(TELLING.contains(family) ? 0.2 : -0.01);
        }
        write(lines);
    }

    @Test
    void intervalsCoverWhatTheyPromise() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| family | forecasts of one change | in its 90 % interval | at or below p80 | at or below p95"
                + " | forecasts of drained | in its 90 % interval |");
        lines.add("|---|---|---|---|---|---|---|");
        FamilyRun.Tally single = new FamilyRun.Tally();
        FamilyRun.Tally drained = new FamilyRun.Tally();
        List<Double> errors = new ArrayList<>();
        List<Double> best = new ArrayList<>();
        for (TargetFamily family : TargetFamily.values()) {
            FamilyRun run = Objects.requireNonNull(RUNS.get(family));
            lines.add(line(family.name().toLowerCase(Locale.ROOT).replace('_', ' '), run.single, run.drained));
            single.add(run.single);
            drained.add(run.drained);
            errors.addAll(run.drainErrors);
            best.addAll(run.bestErrors);
        }
        lines.add(line("all", single, drained));
        Collections.sort(errors);
        Collections.sort(best);
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "Five minutes after the begin of %d outages that lasted longer, p50 of \"drained at\" was off by %.0f %% of the time"
                        + " left in the median. Who knows the distribution of the outages and tells its median is off by %.0f %%.",
                errors.size(),
                100 * errors.get(errors.size() / 2),
                100 * best.get(best.size() / 2)));
        write(lines);
        assertThat(errors).isNotEmpty();
        assertThat(single.share90()).isGreaterThan(0.85);
    }

    private static String line(String name, FamilyRun.Tally single, FamilyRun.Tally drained) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.1f %% | %.1f %% | %.1f %% | %d | %.1f %% |",
                name,
                single.forecasts,
                100 * single.share90(),
                100.0 * single.below80 / single.forecasts,
                100.0 * single.below95 / single.forecasts,
                drained.forecasts,
                100 * drained.share90());
    }

    private static void write(List<String> lines) throws IOException {
        Files.createDirectories(TABLE.getParent());
        String before = Files.exists(TABLE) ? Files.readString(TABLE) : "";
        Files.writeString(TABLE, before + String.join("\n", lines) + "\n\n");
    }
}
