package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.model.DeliveryFilter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the audit says of work that goes on after its answer, also over restarts. */
class AuditLogTest {
    private Stage stage = new Stage();

    private void append(String action, String outcome, CompletableFuture<ActionEnd> end) {
        stage.ledger
                .actions()
                .log()
                .begin(AuditEntry.of("ann", action, "x", null, 30L, "why", outcome))
                .thenAccept(open -> end.thenAccept(open::end));
        stage.pass();
    }

    private List<AuditEntry> entries() {
        return stage.ledger.actions().log().list(new AuditQuery(null, null, null, null, Long.MAX_VALUE, 100));
    }

    private List<String> outcomes() {
        return entries().stream()
                .map(entry -> entry.action() + ", " + entry.outcome() + ", " + entry.count())
                .toList();
    }

    private long deadLetters(int count) {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().startsWith("ok") ? Stage.OK : Stage.NO;
        for (int i = 0; i < count; i++) { // successes between, so that the target does not count as down
            stage.send("dead" + i, "k" + i);
            stage.send("ok" + i, "ok");
            stage.pass(Duration.ofMillis(10));
        }
        stage.pass();
        assertThat(target.status().dead()).isEqualTo(count);
        target.script = (change, attempt) -> Stage.OK;
        return count;
    }

    @Test
    void workThatGoesOnGetsItsOutcomeWhenItEnds() {
        CompletableFuture<ActionEnd> backup = new CompletableFuture<>();
        append("backup", AuditEntry.RUNNING, backup);
        append("skip", "done", new CompletableFuture<>());
        append("replay", AuditEntry.RUNNING, CompletableFuture.completedFuture(ActionEnd.done(12L)));
        assertThat(outcomes()).containsExactly("replay, done, 12", "skip, done, 30", "backup, running, 30");

        backup.complete(ActionEnd.failed(new IllegalStateException("the disk is full")));
        stage.pass();

        assertThat(outcomes())
                .containsExactly("replay, done, 12", "skip, done, 30", "backup, failed: the disk is full, null");
        assertThat(entries()).allMatch(entry -> entry.reason().equals("why"));
    }

    @Test
    void anEndThatCannotBeWrittenIsWrittenLater() {
        CompletableFuture<ActionEnd> backup = new CompletableFuture<>();
        append("backup", AuditEntry.RUNNING, backup);
        stage.store.failCommit(1, false);
        backup.complete(ActionEnd.done(null));
        stage.pass(Duration.ofMinutes(1));

        assertThat(outcomes()).containsExactly("backup, done, null");
    }

    @Test
    void workWhoseBeginCannotBeWrittenIsNotedAtItsEnd() {
        CompletableFuture<ActionEnd> backup = new CompletableFuture<>();
        stage.store.failCommit(1, false);
        append("backup", AuditEntry.RUNNING, backup);
        stage.pass(Duration.ofMinutes(1));
        assertThat(outcomes()).isEmpty();

        backup.complete(ActionEnd.done(null));
        stage.pass();
        assertThat(outcomes()).containsExactly("backup, done, null");
    }

    @Test
    void whatWasRunningWhenTheProcessEndedWasInterrupted() {
        append("backup", AuditEntry.RUNNING, new CompletableFuture<>());
        append("replay", AuditEntry.RUNNING, new CompletableFuture<>());
        append("skip", "done", new CompletableFuture<>());
        stage = stage.reopened();
        append("backup", AuditEntry.RUNNING, new CompletableFuture<>());

        assertThat(outcomes())
                .containsExactly(
                        "backup, running, 30",
                        "skip, done, 30",
                        "replay, interrupted: the node stopped before an end was noted, null",
                        "backup, interrupted: the node stopped before an end was noted, null");
    }

    @Test
    void aReplayThatContinuesAfterARestartGetsItsOutcomeAtItsEnd() {
        BegunReplay run = stage.replay(DeliveryFilter.ALL, 10, deadLetters(30));
        append("replay", AuditEntry.runningAs(run.state().id()), run.actionEnd());
        stage.pass(Duration.ofSeconds(1));
        stage.ledger.drain();
        stage.pass();
        assertThat(outcomes()).containsExactly("replay, running as replay 1, 30");

        stage = stage.reopened();
        stage.target("shop", false);
        stage.pass();
        assertThat(outcomes()).containsExactly("replay, running as replay 1, 30");
        stage.pass(Duration.ofSeconds(10));
        assertThat(outcomes()).containsExactly("replay, done, 30");
    }

    @Test
    void aReplayThatIsStoppedSaysSo() {
        BegunReplay run = stage.replay(DeliveryFilter.ALL, 0.001, deadLetters(30));
        append("replay", AuditEntry.runningAs(run.state().id()), run.actionEnd());
        stage.ledger.actions().stopReplay(run.state().id(), "stopped by ann: enough");
        stage.pass();

        assertThat(outcomes()).containsExactly("replay, stopped after 1 of 30: stopped by ann: enough, 1");
    }

    @Test
    void aReplayThatEndedWithoutANoteGetsItsOutcomeAtTheNextStart() {
        BegunReplay run = stage.replay(DeliveryFilter.ALL, 100, deadLetters(3));
        append("replay", AuditEntry.runningAs(run.state().id()), new CompletableFuture<>());
        long notBegun = stage.ledger.actions().newReplay();
        append("replay", AuditEntry.runningAs(notBegun), new CompletableFuture<>());
        stage.pass(Duration.ofSeconds(10));
        stage = stage.reopened();
        stage.pass();

        assertThat(outcomes())
                .containsExactly(
                        "replay, interrupted: the node stopped before an end was noted, null", "replay, done, 3");
    }
}
