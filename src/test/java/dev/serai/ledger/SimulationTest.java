package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs many random histories of a ledger: its store, its targets and its sources fail, hang, go down and change their options,
 * and the process crashes.
 *
 * <p>{@code -Dserai.simulation.seed=N} repeats the history of a failure, {@code -Dserai.simulation.runs=N} sets the number of
 * histories.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS) // for the long tier
class SimulationTest {
    private static final int RUNS = 4;
    /** In the histories from this one on some deliveries are ended early, which is rare. */
    private static final long FIRST = 33;

    private static final int RUNS_PER_RECALL = 20;

    @BeforeEach
    void beQuiet() {
        CapturedLog.silence("dev.serai.ledger");
    }

    @AfterEach
    void beLoudAgain() {
        CapturedLog.asBefore("dev.serai.ledger");
    }

    @Test
    void theLedgerKeepsItsPromisesInRandomHistories() {
        long first = Long.getLong("serai.simulation.seed", FIRST);
        boolean one = System.getProperty("serai.simulation.seed") != null;
        int runs = Integer.getInteger("serai.simulation.runs", one ? 1 : RUNS);
        long deliveries = 0;
        long recalls = 0;
        // Few histories have a delivery that is ended early, so there are more if the usual ones have none.
        long most = first + (one ? runs : runs * 4L);
        for (long seed = first; seed < first + runs || (recalls == 0 && seed < most); seed++) {
            Simulation simulation = play(seed);
            deliveries += simulation.deliveries();
            recalls += simulation.recalls();
        }
        assertThat(deliveries).as("deliveries in %d histories", runs).isGreaterThan(runs * 100L);
        assertThat(recalls).as("deliveries ended early").isGreaterThanOrEqualTo(one ? 0 : runs / RUNS_PER_RECALL + 1);
    }

    private static Simulation play(long seed) {
        try {
            Simulation simulation = new Simulation(seed);
            simulation.run();
            return simulation;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("-Dserai.simulation.seed=" + seed + ": " + e.getMessage(), e);
        }
    }
}
