package dev.serai.ledger.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.Stage;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriterTest {
    private final Stage stage = new Stage();

    @Test
    void changesThatArriveTogetherAreCommittedTogether() {
        long before = stage.store.commits();
        for (int i = 0; i < 100; i++) {
            stage.send("" + i, "k");
        }
        stage.writer().stepOnce();

        assertThat(stage.store.commits()).isEqualTo(before + 1);
        assertThat(stage.store.lastSequence()).isEqualTo(100);
    }

    @Test
    void changesKeepTheOrderInWhichTheyArrived() {
        List<Long> sequences = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            stage.send("" + i, "k").thenAccept(receipt -> sequences.add(receipt.sequence()));
        }
        stage.pass();

        assertThat(sequences).hasSize(3_000).isSorted();
    }

    @Test
    void aFailedCommitIsAnsweredWithUnavailableAndTheIdDecidesLater() {
        stage.store.failCommit(1, true);
        var unknown = stage.send("1", "k");
        stage.writer().stepOnce();
        stage.time.runDue();
        assertThatThrownBy(unknown::join).hasCauseInstanceOf(LedgerException.Unavailable.class);
        assertThat(stage.ledger.trouble()).isPresent();
        assertThatThrownBy(() -> stage.send("2", "k").join()).hasCauseInstanceOf(LedgerException.Unavailable.class);

        stage.pass(Duration.ofSeconds(1));
        var again = stage.send("1", "k");
        stage.pass();
        assertThat(again.join()).isEqualTo(new Receipt(Stage.FLOW, "1", 1, true));
    }

    @Test
    void whatMemoryFollowsIsAppliedAgainThoughItsCallerWasToldThatItFailed() {
        Stage.Scripted target = stage.target("shop", false);
        stage.store.failCommit(1, false);
        var paused = stage.ledger.pause(target.name, true);
        stage.pass(Duration.ofSeconds(1));
        stage.send("1", "k");
        stage.pass();

        assertThatThrownBy(paused::join).hasCauseInstanceOf(LedgerException.Unavailable.class);
        assertThat(stage.store.counts(target.name).paused()).isTrue();
        assertThat(target.got).isEmpty();
    }

    @Test
    void itsOwnThreadEndsOnceAllIsWritten() {
        List<String> written = new ArrayList<>();
        Writer writer = new Writer(new MemoryStore(), Limits.DEFAULT, stage.time, entries -> {});
        writer.start();
        writer.write(new WorkWrite<>(true, transaction -> written.add("first")));
        writer.submit(new WorkWrite<>(false, transaction -> written.add("second")));
        writer.close();

        assertThat(written).containsExactly("first", "second");
        assertThatThrownBy(() -> writer.write(new WorkWrite<>(true, transaction -> true)))
                .isInstanceOf(StoreException.class);
    }
}
