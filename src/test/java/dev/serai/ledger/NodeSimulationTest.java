package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs many random histories of a few nodes that share a ledger: nodes stand still in the middle of anything and wake after others
 * took their shards, die and start again, stop in order, their machines sleep, their clocks run unevenly and are set, messages
 * between two nodes are lost in one direction, something refuses calls in the name of a node that runs, the server is out of reach
 * of one node or of all, and answers to commits and to requests for leases are lost. The port of a node that died refuses calls;
 * that of one that stands still does not.
 *
 * <p>{@code -Dserai.nodeSimulation.seed=N} repeats the history of a failure, {@code -Dserai.simulation.runs=N} sets the number of
 * histories.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS) // for the long tier
class NodeSimulationTest {
    private static final int RUNS = 2;
    private static final String SEED = "serai.nodeSimulation.seed";

    @BeforeEach
    void beQuiet() {
        CapturedLog.silence("dev.serai");
    }

    @AfterEach
    void beLoudAgain() {
        CapturedLog.asBefore("dev.serai");
    }

    @Test
    void nodesThatShareALedgerKeepItsPromisesInRandomHistories() {
        long first = Long.getLong(SEED, 1);
        int runs = System.getProperty(SEED) != null ? 1 : Integer.getInteger("serai.simulation.runs", RUNS);
        long deliveries = 0;
        long passedOn = 0;
        int rightlyEnded = 0;
        int wronglyEnded = 0;
        for (long seed = first; seed < first + runs; seed++) {
            NodeSimulation simulation = play(seed);
            deliveries += simulation.deliveries();
            passedOn += simulation.passedOn();
            rightlyEnded += simulation.rightlyEnded();
            wronglyEnded += simulation.wronglyEnded();
        }
        System.out.println("Leases ended early: " + rightlyEnded + " times of dead nodes, " + wronglyEnded
                + " times of nodes that were taken for dead");
        assertThat(deliveries).as("deliveries in %d histories", runs).isGreaterThan(runs * 100L);
        assertThat(passedOn).as("changes passed on").isGreaterThan(runs * 5L);
    }

    @Test
    void aSeedGivesTheSameHistoryAgain() {
        assertThat(play(1).trace()).isEqualTo(play(1).trace());
    }

    /** A shard taken while the node stood still, and a route that starts while a shard is given away. */
    @ParameterizedTest
    @ValueSource(longs = {100058, 100140, 100233})
    void aHistoryThatOnceBrokeAPromiseKeepsIt(long seed) {
        assertThat(play(seed).deliveries()).isPositive();
    }

    private static NodeSimulation play(long seed) {
        NodeSimulation simulation = new NodeSimulation(seed);
        try {
            simulation.run();
            return simulation;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "-D" + SEED + "=" + seed + ": " + e.getMessage() + "\n" + simulation.schedule(), e);
        }
    }
}
