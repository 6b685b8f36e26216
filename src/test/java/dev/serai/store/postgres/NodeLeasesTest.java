package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.store.postgres.SimulatedLeases.LeasedShard;
import dev.serai.store.postgres.SimulatedServer.ServerLine;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases by the clock of a simulated server; {@link PostgresClusterTest} has them on a real one. */
class NodeLeasesTest {
    private static final Duration AFTER_A_LEASE = Duration.ofSeconds(13);

    private final VirtualTime time = new VirtualTime();
    private final SimulatedServer server = new SimulatedServer(2, time::monotonicMillis, () -> true);
    private final TestLine line = new TestLine();
    private final SimulatedLeases one = join("a", line);
    private final SimulatedLeases other = join("b", new TestLine());

    /** It can be cut. */
    private static final class TestLine implements ServerLine {
        private boolean cut;
        private boolean losesAnswers;

        @Override
        public void call(String statement) throws SQLException {
            if (cut) {
                throw new SQLException("cut", "08001");
            }
        }

        @Override
        public void answer(String statement) throws SQLException {
            if (losesAnswers && statement.startsWith("UPDATE")) {
                throw new SQLException("lost", "08006");
            }
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private SimulatedLeases join(String name, ServerLine to) {
        ClusterNode self = new ClusterNode("id-" + name, name, name + ":1");
        return SimulatedLeases.join(server, to, self, time, time.scheduler()).orElseThrow();
    }

    private void pass(Duration duration) {
        long end = time.monotonicMillis() + duration.toMillis();
        while (time.monotonicMillis() < end) {
            while (time.runDue()) {
                // renews the leases
            }
            time.advance(Duration.ofMillis(end - time.monotonicMillis()));
        }
    }

    @Test
    void aLeaseThatIsRenewedLasts() {
        LeasedShard shard = one.take(0).orElseThrow();
        pass(Duration.ofMinutes(5));
        assertThat(shard.lapse()).isNull();
        assertThat(other.take(0)).isEmpty();
    }

    @Test
    void theLeaseOfAShardThatCouldNotBeGivenBackEnds() {
        LeasedShard shard = one.take(0).orElseThrow();
        line.cut = true;
        shard.close();
        line.cut = false;
        pass(AFTER_A_LEASE);
        assertThat(other.take(0)).isPresent();
    }

    @Test
    void theLeaseOfAShardThatANodeTookWithoutHearingOfItEnds() {
        line.losesAnswers = true;
        assertThatThrownBy(() -> one.take(0)).isInstanceOf(StoreAwayException.class);
        line.losesAnswers = false;
        assertThat(other.take(0)).isEmpty();
        pass(AFTER_A_LEASE);
        assertThat(other.take(0)).isPresent();
    }

    @Test
    void aMachineThatSleptDeliversNothingUntilItsLeasesAreRenewed() {
        LeasedShard shard = one.take(0).orElseThrow();
        time.set(Duration.ofSeconds(20)); // the monotonic clock stood still
        assertThat(shard.lapse()).contains("20 s ago");
        pass(Duration.ofSeconds(3));
        assertThat(shard.lapse()).isNull();
    }

    @Test
    void aClockThatIsSetBackProlongsNoLease() {
        LeasedShard shard = one.take(0).orElseThrow();
        time.set(Duration.ofHours(-1));
        line.cut = true;
        pass(Duration.ofSeconds(9));
        assertThat(shard.lapse()).isNotNull();
    }
}
