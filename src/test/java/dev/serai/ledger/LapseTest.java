package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link dev.serai.ledger.model.Store#lapse}. */
class LapseTest {
    private final Stage stage = new Stage();

    @Test
    void whileAnotherNodeMayOwnTheStoreNothingIsSentAndStatusSaysWhy() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("retried") && attempt == 1 ? Stage.OOPS : Stage.OK;
        stage.send("1", "a");
        stage.send("retried", "b");
        stage.send("parked", "b");
        stage.pass(Duration.ofMillis(100));
        assertThat(target.got).containsExactly("1", "retried");
        stage.store.lapse("the lease is over");
        stage.send("2", "a");
        stage.pass(Duration.ofMinutes(10));

        assertThat(target.got).containsExactly("1", "retried");
        assertThat(stage.ledger.trouble()).contains("the lease is over");

        stage.store.lapse(null);
        stage.pass(Duration.ofMinutes(1));
        assertThat(target.got).containsExactlyInAnyOrder("1", "retried", "2", "retried", "parked");
        assertThat(stage.ledger.trouble()).isEmpty();
    }

    @Test
    void aChangeWhoseVersionIsLookedUpIsNotSentIfTheLeaseEndsMeanwhile() {
        RedeliveryPolicy policy = RedeliveryPolicy.DEFAULT;
        TargetOptions guarded = new TargetOptions(4, 1, true, false, true, 0, policy, true, false);
        Stage.Scripted target = stage.new Scripted("shop").start(guarded);
        stage.sendVersion("1", "a", "1");
        stage.writer().stepOnce(); // durable, and on its way to the look-up
        stage.store.lapse("the lease is over");
        stage.pass(Duration.ofMinutes(1));
        assertThat(target.got).isEmpty();

        stage.store.lapse(null);
        stage.pass(Duration.ofMinutes(1));
        assertThat(target.got).containsExactly("1");
    }
}
