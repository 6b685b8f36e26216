package dev.serai.reconcile.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FollowBudgetTest {
    private static final int PROCESSORS = 2;
    private static final int SECONDS = 10_000;

    private long now;

    /** How much of all processors' time files take that are always behind, each trying once a second. */
    private double taken(int files, Duration step) {
        now = 0;
        List<FollowBudget> budgets = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            budgets.add(new FollowBudget(() -> files, PROCESSORS, () -> now));
        }
        long spent = 0;
        for (int second = 0; second < SECONDS; second++) {
            long begin = Duration.ofSeconds(second).toNanos();
            for (FollowBudget one : budgets) {
                now = begin; // each has a thread of its own
                one.spend(max -> {
                    long end = now + max.toNanos();
                    while (now < end) {
                        now += step.toNanos();
                    }
                });
                spent += now - begin;
            }
        }
        return (double) spent / Duration.ofSeconds(SECONDS).toNanos() / PROCESSORS;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 50})
    void allFilesTogetherTakeNoMoreThanTheirPartHoweverLongTheirStepsAre(int files) {
        for (int stepMillis : List.of(1, 30, 400)) {
            assertThat(taken(files, Duration.ofMillis(stepMillis)))
                    .as("steps of %d ms", stepMillis)
                    .isBetween(FollowBudget.PART * 0.9, FollowBudget.PART * 1.1);
        }
    }

    @Test
    void whatIsSavedInAQuietTimeIsBounded() {
        FollowBudget budget = new FollowBudget(() -> 1, PROCESSORS, () -> now);
        now += Duration.ofHours(1).toNanos();
        List<Duration> given = new ArrayList<>();

        budget.spend(given::add);

        assertThat(given).containsExactly(FollowBudget.SAVED_MAX);
    }
}
