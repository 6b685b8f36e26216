package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.Sending;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link Sending#mayHaveArrived}: a sink asks before it sends what may have arrived, and only that. */
class MayHaveArrivedTest {
    private final Stage stage = new Stage();

    @Test
    void aChangeThatComesWhileTheTargetStartsHasNotArrived() {
        Stage.Scripted target = stage.target("shop", false);
        stage.send("1", "k");
        stage.pass();

        assertThat(target.got).containsExactly("1");
        assertThat(target.mayHaveArrived).isEmpty();
    }

    @Test
    void whatFailedMayHaveArrivedAndWhatWaitedBehindItHasNot() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? Stage.OOPS : Stage.OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofMinutes(1));

        assertThat(target.got).containsExactly("1", "1", "2");
        assertThat(target.mayHaveArrived).containsExactly("1");
    }

    @Test
    void whatWasUnderWayInACrashMayHaveArrivedEvenIfItHadWaitedBehindAnother() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? Stage.OOPS : Stage.OK;
        target.takes = change -> change.id().equals("1") ? Duration.ofMillis(1) : Duration.ofHours(1);
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofMinutes(1));
        assertThat(target.got).containsExactly("1", "1", "2");

        Stage again = stage.reopened();
        Stage.Scripted restarted = again.target("shop", false);
        again.pass(Duration.ofMinutes(1));
        assertThat(restarted.got).containsExactly("2");
        assertThat(restarted.mayHaveArrived).containsExactly("2");
    }
}
