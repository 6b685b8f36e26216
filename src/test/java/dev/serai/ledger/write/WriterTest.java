package dev.serai.ledger.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.Stage;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WriterTest {
    private final Stage stage = new Stage();

    @Test
    void aWriteThatLingersIsCommittedWithTheFirstOneThatDoesNot() {
        try (Writer writer = new Writer(new MemoryStore(), Limits.DEFAULT, stage.time, entries -> {})) {
            writer.start();
            writer.write(
                    new WorkWrite<>(true, transaction -> true)); // what is there when the thread starts does not linger
            LingeringWrite lingers = new LingeringWrite();
            writer.submit(lingers);
            Transaction committed = writer.write(new WorkWrite<>(true, transaction -> transaction));
            assertThat(lingers.transaction).isCompletedWithValue(committed);
        }
    }

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
        stage.pass(); // what the ledger writes at its start is not to be in the commit that fails
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
    void aRepeatableWriteIsAppliedAgainAlthoughItsCallerGotAFailure() {
        Stage.Scripted target = stage.target("shop", false);
        stage.store.failCommit(1, false);
        var paused = stage.ledger.pause(target.name, null, null);
        stage.pass(Duration.ofSeconds(1));
        stage.send("1", "k");
        stage.pass();

        assertThatThrownBy(paused::join).hasCauseInstanceOf(LedgerException.Unavailable.class);
        assertThat(stage.store.counts(target.name).pause()).isNotNull();
        assertThat(target.got).isEmpty();
    }

    @Test
    void onlyTheWriteThatThrowsIsRefusedAndTheOthersAreCommittedInOrder() {
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        WorkWrite<Boolean> bad = new WorkWrite<>(true, transaction -> {
            transaction.cursor(new Cursor("half", "written", Instant.EPOCH));
            throw new ArithmeticException("long overflow");
        });
        for (int i = 0; i < 50; i++) {
            receipts.add(stage.send("" + i, "k"));
            if (i == 20) {
                stage.writer().submit(bad);
            }
        }
        stage.writer().stepOnce();
        stage.pass();

        assertThat(receipts)
                .extracting(receipt -> receipt.join().sequence())
                .isSorted()
                .hasSize(50);
        assertThatThrownBy(bad.done()::join)
                .hasCauseInstanceOf(LedgerException.Unavailable.class)
                .hasMessageContaining("long overflow");
        assertThat(stage.store.cursor("half")).isEmpty();
        assertThat(stage.ledger.refusedWrites()).isEqualTo(1);
        assertThat(stage.ledger.trouble()).isEmpty();
    }

    @Test
    void theThreadSurvivesAWriteThatThrowsInAnyStep() {
        try (Writer writer = new Writer(new MemoryStore(), Limits.DEFAULT, stage.time, entries -> {})) {
            writer.start();
            WorkWrite<Boolean> bad = new WorkWrite<>(true, transaction -> {
                throw new ArithmeticException("long overflow");
            });
            assertThatThrownBy(() -> writer.write(bad)).isInstanceOf(StoreException.class);
            writer.submit(new WorkWrite<>(true, transaction -> true, done -> {
                throw new IllegalStateException("what follows fails");
            }));

            String written = writer.write(new WorkWrite<>(true, transaction -> "goes on"));
            assertThat(written).isEqualTo("goes on");
            assertThat(writer.end()).isNotDone();
        }
    }

    @Test
    void anErrorEndsItWithAReasonAndWaitingWritesAreRefused() {
        Writer writer = new Writer(new MemoryStore(), Limits.DEFAULT, stage.time, entries -> {});
        WorkWrite<Boolean> bad = new WorkWrite<>(true, transaction -> {
            throw new StackOverflowError("too deep");
        });
        WorkWrite<Boolean> waits = new WorkWrite<>(true, transaction -> true);
        writer.submit(bad);
        writer.submit(waits);
        writer.start();

        assertThat(writer.end().orTimeout(120, TimeUnit.SECONDS).join()).contains("too deep", "restart");
        assertThat(writer.trouble())
                .hasValueSatisfying(reason -> assertThat(reason).contains("too deep"));
        assertThat(bad.done()).isCompletedExceptionally();
        assertThat(waits.done()).isCompletedExceptionally();
        WorkWrite<Boolean> late = new WorkWrite<>(true, transaction -> true);
        writer.submit(late);
        assertThat(late.done()).isCompletedExceptionally();
    }

    @Test
    void theThreadEndsAfterAllWritesAreDone() {
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
