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
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases by the clock of a simulated server; {@link PostgresClusterTest} has them on a real one. */
class NodeLeasesTest {
    private static final Duration AFTER_A_LEASE = Duration.ofSeconds(13);
    private static final ClusterNode A = new ClusterNode("id-a", "a", "a:1");

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
    void aNodeThatIsGoneLosesItsShardsWhenItHasRenewedNoneForThreeSeconds() {
        one.take(0).orElseThrow();
        line.cut = true;
        pass(Duration.ofMillis(2_900));
        assertThat(other.end(A)).isFalse();
        assertThat(other.take(0)).isEmpty();
        pass(Duration.ofMillis(200));
        assertThat(other.end(A)).isTrue();
        assertThat(other.look().nodes()).extracting(ClusterNode::name).containsExactly("b");
        assertThat(other.take(0)).isPresent();
        assertThat(other.end(A)).as("again").isFalse();
    }

    @Test
    void aNodeOfWhichNothingElseIsKnownKeepsItsShardsUntilItsLeaseEnds() {
        one.take(0).orElseThrow();
        line.cut = true;
        pass(ShardOwnership.LEASE.minusMillis(100));
        assertThat(other.look().nodes()).hasSize(2);
        assertThat(other.take(0)).isEmpty();
        pass(Duration.ofMillis(200));
        assertThat(other.look().nodes()).hasSize(1);
        assertThat(other.take(0)).isPresent();
    }

    @Test
    void aNodeThatIsWronglyTakenForGoneDeliversNothingWhenItsLeaseCanBeEnded() {
        LeasedShard shard = one.take(0).orElseThrow();
        line.cut = true;
        pass(Duration.ofMillis(2_400));
        assertThat(shard.lapse()).isNull();
        pass(Duration.ofMillis(200));
        assertThat(other.end(A)).isFalse();
        assertThat(shard.lapse()).contains("another node may own the ledger");
    }

    @Test
    void aNodeThatIsWronglyTakenForGoneGoesOnIfNobodyTookItsShards() {
        LeasedShard shard = one.take(0).orElseThrow();
        line.cut = true;
        pass(Duration.ofMillis(3_100));
        assertThat(other.end(A)).isTrue();
        line.cut = false;
        pass(Duration.ofMillis(1_100));
        assertThat(shard.lapse()).isNull();
        assertThat(other.look().nodes()).hasSize(2);
        assertThat(other.take(0)).isEmpty();
    }

    @Test
    void aNodeThatRenewsItsLeasesIsNotTakenForGone() {
        one.take(0).orElseThrow();
        pass(Duration.ofSeconds(20));
        assertThat(other.end(A)).isFalse();
    }

    @Test
    void aNodeThatLostItsDataFolderTakesItsNameAndItsShardsBackAfterThreeSeconds() {
        one.take(0).orElseThrow();
        line.cut = true;
        pass(Duration.ofMillis(2_900));
        ClusterNode again = new ClusterNode("id-new", "a", A.address());
        assertThat(SimulatedLeases.join(server, new TestLine(), again, time, time.scheduler()))
                .isEmpty();
        pass(Duration.ofMillis(200));
        Optional<SimulatedLeases> joined = SimulatedLeases.join(server, new TestLine(), again, time, time.scheduler());
        assertThat(joined.orElseThrow().take(0)).isPresent();
    }

    @Test
    void aLeaseThatWasGivenBackAllowsNothingAlsoAfterTheShardIsTakenAgain() {
        LeasedShard before = one.take(0).orElseThrow();
        before.close();
        assertThat(before.lapse()).contains("gave the shard back");
        assertThat(other.take(0)).isPresent().get().satisfies(LeasedShard::close);
        LeasedShard again = one.take(0).orElseThrow();
        assertThat(again.lapse()).isNull();
        assertThat(before.lapse()).contains("gave the shard back");
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
