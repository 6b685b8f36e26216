package dev.serai.ledger.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.forecast.AttemptSeconds;
import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.Forecast;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Regime;
import dev.serai.forecast.RetryPlan;
import dev.serai.forecast.TargetLoad;
import dev.serai.ledger.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Forecasts are asked for only while there is room to score them. */
class TimeTrialsTest {
    private static final int OPEN_MAX = 50;

    private final VirtualTime time = new VirtualTime();
    private final TimeTrials trials = new TimeTrials(time);
    private final Forecast forecast = Forecast.of(
            new ChainCounts(),
            List.of(),
            new RetryPlan(3, 1, 2, 60, 0),
            new TargetLoad(Regime.DOWN, 60, 0, 1, List.of(), 0, 1, AttemptSeconds.always(0.1)),
            new IntervalScore());

    private int fill() {
        int made = 0;
        while (made <= OPEN_MAX && trials.takesMore(true)) {
            trials.begin(forecast, true);
            made++;
        }
        return made;
    }

    @Test
    void aLongOutageAsksForNoMoreForecastsThanCanBeScored() {
        assertThat(fill()).isEqualTo(OPEN_MAX);
        assertThat(trials.takesMore(false)).isFalse();
    }

    @Test
    void whenTheBacklogIsDrainedForecastsOfTheNextOneAreAskedFor() {
        fill();
        trials.look(null);

        assertThat(trials.takesMore(true)).isTrue();
        assertThat(trials.takesMore(false)).as("nothing was sent").isFalse();
    }

    @Test
    void forecastsWhoseOutcomeNobodyWillSeeMakeRoomForOthers() {
        fill();
        time.advance(Duration.ofDays(8));
        trials.look(time.instant());

        assertThat(fill()).isEqualTo(OPEN_MAX);
    }
}
