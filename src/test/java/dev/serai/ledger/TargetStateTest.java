package dev.serai.ledger;

import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OUTAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.delivery.TargetStatus;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What operators read about a target is never better than what is known. */
class TargetStateTest {
    private final Stage stage = new Stage();
    private final Stage.Scripted target =
            stage.new Scripted("shop").start(TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false));
    private int sent;

    private void send(int changes) {
        for (int i = 0; i < changes; i++) {
            stage.send("i" + sent, "k" + sent++);
        }
        stage.pass(Duration.ofSeconds(1));
    }

    private TargetState state() {
        return target.status().state(now());
    }

    private String reason() {
        return String.valueOf(target.status().reason(now()));
    }

    private Instant now() {
        return stage.time.instant();
    }

    @Test
    void aTargetThatRefusesEverythingOneByOneIsFailingUntilItSucceeds() {
        assertThat(state()).isEqualTo(TargetState.OK);
        target.script = (change, attempt) -> new Outcome.Refused(422, "HTTP 422: no field " + change.key());
        send(3);

        assertThat(state()).isEqualTo(TargetState.FAILING);
        assertThat(reason()).isEqualTo("3 of the last 3 attempts failed: HTTP 422: no field k2");
        stage.pass(Duration.ofHours(5));
        assertThat(state()).as("nothing has succeeded since").isEqualTo(TargetState.FAILING);

        target.script = (change, attempt) -> OK;
        send(20);
        assertThat(state()).isEqualTo(TargetState.OK);
        assertThat(target.status().recent().deliveredPerMinute()).isEqualTo(20);
        assertThat(target.status().dead()).isEqualTo(3);
    }

    @Test
    void oneFailureOfAQuietFlowIsForgivenTenMinutesAfterASuccess() {
        target.script = (change, attempt) -> change.key().equals("k0") ? new Outcome.Refused(422, "bad") : OK;
        send(1);
        send(1);
        assertThat(state()).isEqualTo(TargetState.FAILING);

        stage.pass(Duration.ofMinutes(11));
        send(1);

        assertThat(state()).isEqualTo(TargetState.OK);
    }

    @Test
    void aRecordThatWasBrokenWhenItCameSaysNothingAboutTheTarget() {
        target.script = (change, attempt) -> Outcome.Refused.unsent("line 7: no JSON");
        send(1);

        assertThat(target.status().dead()).isEqualTo(1);
        assertThat(state()).isEqualTo(TargetState.OK);
    }

    @Test
    void theMostFrequentReasonIsNamedWhateverNumbersItHas() {
        target.script = (change, attempt) -> new Outcome.Refused(
                422,
                change.key().equals("k3")
                        ? "too short"
                        : "no account " + change.id().substring(1));
        send(4);

        assertThat(reason()).startsWith("4 of the last 4 attempts failed: no account ");
    }

    @Test
    void anOutageIsDownWithItsReason() {
        target.script = (change, attempt) -> OUTAGE;
        send(5);
        stage.pass(Duration.ofMinutes(1));

        assertThat(state()).isEqualTo(TargetState.DOWN);
        assertThat(target.status().since(now())).isNotNull();
        assertThat(reason()).isEqualTo("busy");
    }

    @Test
    void aChangeThatHasWaitedForMoreThanAMinuteIsSlow() {
        target.takes = change -> Duration.ofMinutes(10);
        send(1);
        assertThat(state()).isEqualTo(TargetState.OK);

        stage.pass(Duration.ofSeconds(61));

        assertThat(state()).isEqualTo(TargetState.SLOW);
        assertThat(reason()).isEqualTo("the oldest of 1 changes has waited for more than a minute");
    }

    @Test
    void aPausedTargetSaysByWhomAndWhyAlsoAfterItsRouteHasRestarted() throws InterruptedException {
        stage.ledger.pause(target.name, "ann", "new address");
        stage.pass(Duration.ofSeconds(1));
        target.restart(TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false));

        assertThat(state()).isEqualTo(TargetState.PAUSED);
        assertThat(reason()).isEqualTo("paused by ann: new address");

        stage.ledger.resume(target.name);
        stage.pass(Duration.ofSeconds(1));
        assertThat(state()).isEqualTo(TargetState.OK);
    }

    @Test
    void aTargetThatIsGoneOrHasNoRouteIsStopped() throws InterruptedException {
        target.script = (change, attempt) -> new Outcome.Gone(410, "410 Gone: moved to /v2");
        send(1);
        assertThat(state()).isEqualTo(TargetState.STOPPED);
        assertThat(reason()).isEqualTo("it answered that it is permanently gone (410): 410 Gone: moved to /v2");

        stage.ledger.resume(target.name);
        target.subscription().close(Duration.ZERO);

        assertThat(state()).isEqualTo(TargetState.STOPPED);
        assertThat(reason()).startsWith("no route delivers to it");
    }

    @Test
    void aTargetWithoutARouteIsStartingWhileTheNodeStartsAndTellsThatItStops() throws InterruptedException {
        target.subscription().close(Duration.ZERO);
        stage.ledger.enter(NodePhase.STARTING);
        assertThat(state()).isEqualTo(TargetState.STARTING);
        stage.ledger.enter(NodePhase.STOPPING);
        assertThat(state()).isEqualTo(TargetState.STOPPED);
        assertThat(reason()).isEqualTo("the node is stopping");
    }

    @Test
    void aKeyThatIsHeldUpShowsAsBlocked() {
        send(40);
        target.script = (change, attempt) ->
                change.key().equals("stuck") ? new Outcome.Failed(500, "HTTP 500", null, false) : OK;
        stage.send("s1", "stuck");
        stage.send("s2", "stuck");
        stage.pass(Duration.ofSeconds(1));
        TargetStatus status = target.status();

        assertThat(status.parked()).isEqualTo(1);
        assertThat(state()).isEqualTo(TargetState.BLOCKED);
        assertThat(reason()).isEqualTo("1 changes wait behind failed ones of their keys: HTTP 500");
    }
}
