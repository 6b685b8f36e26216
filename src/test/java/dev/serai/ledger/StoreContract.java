package dev.serai.ledger;

import static dev.serai.ledger.model.DeliveryState.DEAD;
import static dev.serai.ledger.model.DeliveryState.DELIVERED;
import static dev.serai.ledger.model.DeliveryState.DISCARDED;
import static dev.serai.ledger.model.DeliveryState.PARKED;
import static dev.serai.ledger.model.DeliveryState.PENDING;
import static dev.serai.ledger.model.DeliveryState.SUPERSEDED;
import static dev.serai.ledger.model.DeliveryState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.SavedClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The behaviour of every store. */
public abstract class StoreContract {
    protected static final TargetName A = new TargetName("orders", "a");
    protected static final TargetName B = new TargetName("orders", "b");
    protected static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Retention KEPT = new Retention(Duration.ofDays(7), Duration.ofDays(90));

    protected Store store;

    /** A new, empty store. */
    protected abstract Store open() throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aCommittedChangeIsReadUnchanged() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("b", "two: three");
        headers.put("a:colon", "line\r\nbreak \\ backslash \\n");
        headers.put("empty", "");
        headers.put("名", "值 🐪");
        byte[] body = {0, 1, -1, 13, 10};
        Change change =
                new Change("orders", "id 🐪", "key'\"--", "7", Operation.DELETE, "application/json", headers, body);
        long sequence = with(t -> t.insert(change, T0.plusMillis(5)));

        Entry entry = store.entry(sequence).orElseThrow();
        assertThat(entry.acceptedAt()).isEqualTo(T0.plusMillis(5));
        assertThat(entry.change()).usingRecursiveComparison().isEqualTo(change);
        assertThat(entry.change().headers().keySet()).containsExactly("b", "a:colon", "empty", "名");
    }

    @Test
    void optionalFieldsMayBeMissing() {
        Change change = new Change("f", "i", "k", null, Operation.UPSERT, null, Map.of(), new byte[0]);
        long sequence = with(t -> t.insert(change, T0));

        assertThat(store.entry(sequence).orElseThrow().change())
                .usingRecursiveComparison()
                .isEqualTo(change);
        assertThat(store.entry(sequence + 1)).isEmpty();
    }

    @Test
    void sequencesGrowOverAllFlows() {
        assertThat(store.lastSequence()).isZero();
        List<Long> sequences = with(t -> List.of(
                t.insert(change("x", "1", "k"), T0),
                t.insert(change("y", "1", "k"), T0),
                t.insert(change("x", "2", "k"), T0)));

        assertThat(sequences).isSorted().doesNotHaveDuplicates();
        assertThat(store.lastSequence()).isEqualTo(sequences.get(2));
        long next = with(t -> t.insert(change("y", "2", "k"), T0));
        assertThat(next).isGreaterThan(sequences.get(2));
    }

    @Test
    void anIdIsFoundWithinItsFlowOnly() {
        long sequence = insert("1", "k");

        assertThat(find("orders", "1")).isEqualTo(OptionalLong.of(sequence));
        assertThat(find("others", "1")).isEmpty();
        assertThat(find("orders", "2")).isEmpty();
    }

    @Test
    void theNewestChangesOfAKeyComeFirstWithThoseOfTheTransaction() {
        insert("1", "k");
        insert("2", "other");
        run(t -> t.insert(change("others", "1", "k"), T0));
        insert("3", "k");

        run(t -> {
            assertThat(newest(t, "k", 1)).containsExactly(4L);
            t.insert(change("orders", "4", "k"), T0);
            t.insert(change("orders", "5", "other"), T0);
            assertThat(newest(t, "k", 1)).containsExactly(5L);
            assertThat(newest(t, "k", 2)).containsExactly(5L, 4L);
            assertThat(newest(t, "k", 9)).containsExactly(5L, 4L, 1L);
            assertThat(newest(t, "nobody", 9)).isEmpty();
            assertThat(t.newest("none", "k", 9)).isEmpty();
        });
        Entry head = with(t -> t.newest("orders", "k", 1)).get(0);
        assertThat(head.change().body()).isEmpty();
        assertThat(head.change().id()).isEqualTo("4");
        assertThat(head.acceptedAt()).isEqualTo(T0);
    }

    @Test
    void noChangeIsTheNewestAfterWhichOneMayHaveBeenDeleted() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        settle(2, "k", PENDING, delivered(A, T0));
        run(t -> assertThat(newest(t, "k", 9)).containsExactly(2L, 1L));
        purgeAll(true, false);

        assertThat(changes("orders", "k", null, 9)).containsExactly(1L);
        run(t -> assertThat(newest(t, "k", 9)).isEmpty());
        insert("3", "k");
        run(t -> assertThat(newest(t, "k", 9)).containsExactly(3L));
    }

    @Test
    void itIsNotForgottenWhatWasDeletedWhenATargetIsRemoved() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, Transaction.NEWEST);
        });
        insert("1", "k");
        insert("2", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        settle(2, "k", PENDING, delivered(A, T0));
        settle(1, "k", PENDING, delivered(B, T0));
        settle(2, "k", PENDING, delivered(B, T0));
        purgeAll(true, false);
        run(t -> t.removeTarget(B));

        run(t -> assertThat(newest(t, "k", 9)).isEmpty());
    }

    @Test
    void whatWaitsWithoutAnOrderIsPutInTheOrderOfItsKey() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 6; i++) {
            insert("" + i, i == 4 ? "other" : "k");
        }
        for (long sequence : List.of(2L, 3L, 4L, 5L)) {
            run(t -> t.settle(sequence, sequence, PENDING, waiting(A, 1, T0)));
        }
        settle(1, "k", PENDING, delivered(A, T0));
        settle(6, "k", PENDING, parked(A));
        assertThat(store.unordered(A, 0, 2)).extracting(Entry::sequence).containsExactly(2L, 3L);
        assertThat(store.unordered(A, 3, 9)).extracting(Entry::sequence).containsExactly(4L, 5L);
        assertThat(store.unordered(A, 0, 1).get(0).change().key()).isEqualTo("k");

        run(t -> {
            t.putInOrder(A, 3, hash("k"), false); // the later one first: then it has to make room
            t.putInOrder(A, 2, hash("k"), false);
            t.putInOrder(A, 4, hash("other"), true);
            t.putInOrder(A, 5, hash("k"), false);
            t.putInOrder(A, 6, hash("k"), false);
        });
        assertThat(store.unordered(A, 0, 9)).isEmpty();
        assertThat(LongStream.rangeClosed(1, 6)
                        .mapToObj(sequence -> store.deliveries(sequence).get(0).state()))
                .containsExactly(DELIVERED, WAITING, PARKED, PARKED, PARKED, PARKED);
        assertThat(store.held(A, hash("k"), 0, 9, Long.MAX_VALUE))
                .extracting(due -> due.entry().sequence())
                .containsExactly(2L, 3L, 5L, 6L);
        assertThat(store.counts(A).waiting()).isEqualTo(1);
        assertThat(store.counts(A).parked()).isEqualTo(4);
    }

    @Test
    void aTransactionSeesItsOwnWrites() {
        run(t -> {
            t.addTarget(A, 0);
            long sequence = t.insert(change("orders", "1", "k"), T0);
            assertThat(t.find("orders", "1")).hasValue(sequence);
            assertThat(t.entry(sequence)).isNotNull();
            t.settle(sequence, hash("k"), PENDING, waiting(A, 1, T0.plusSeconds(5)));
            assertThat(t.isHeld(A, hash("k"))).isTrue();
            assertThat(t.delivery(A, sequence)).isEqualTo(waiting(A, 1, T0.plusSeconds(5)));
            t.settle(sequence, hash("k"), WAITING, delivered(A, T0));
            assertThat(t.isHeld(A, hash("k"))).isFalse();
            assertThat(t.delivery(A, sequence + 1)).isNull();
            assertThat(t.entry(sequence + 1)).isNull();
        });
        assertThat(store.counts(A).delivered()).isEqualTo(1);
    }

    @Test
    void nothingOfAnUncommittedTransactionIsSeen() {
        run(t -> t.addTarget(A, 0));
        try (Transaction t = store.begin()) {
            long sequence = t.insert(change("orders", "1", "k"), T0);
            t.duplicate("orders");
            t.settle(sequence, hash("k"), PENDING, delivered(A, T0));
            t.entry(sequence);

            assertThat(store.lastSequence()).isZero();
            assertThat(store.entry(sequence)).isEmpty();
            assertThat(store.counts(A).delivered()).isZero();
        }
        assertThat(store.lastSequence()).isZero();
        assertThat(store.flows()).containsExactly(new FlowCounts("orders", 0, 0));
        assertThat(store.counts(A)).isEqualTo(new TargetCounts(0, null, 0, 0, 0, 0, 0, null));
        assertThat(find("orders", "1")).isEmpty();
    }

    @Test
    void aRolledBackFlowOrTargetLeavesNoTrace() {
        try (Transaction t = store.begin()) {
            t.addTarget(A, 0);
            t.insert(change("orders", "1", "k"), T0);
            t.entry(1);
        }
        assertThat(store.flows()).isEmpty();
        assertThat(store.knows(A)).isFalse();
        run(t -> {
            t.addTarget(A, 0);
            t.insert(change("orders", "1", "k"), T0);
        });
        assertThat(store.counts(A).pending()).isEqualTo(1);
    }

    @Test
    void committedWorkSurvivesReopening() {
        long sequence = insert("1", "k");
        run(t -> t.addTarget(A, 0));
        store.reopen();

        assertThat(store.entry(sequence)).isPresent();
        assertThat(store.lastSequence()).isEqualTo(sequence);
        assertThat(store.counts(A).pending()).isEqualTo(1);
        assertThat(find("orders", "1")).hasValue(sequence);
        assertThat(insert("2", "k")).isGreaterThan(sequence);
    }

    @Test
    void flowsAreCounted() {
        insert("1", "k");
        run(t -> t.duplicate("orders"));
        run(t -> t.addTarget(new TargetName("other", "x"), 0));

        assertThat(store.flows()).containsExactly(new FlowCounts("orders", 1, 1), new FlowCounts("other", 0, 0));
    }

    @Test
    void aTargetAddedAtTheEndHasNothingPending() {
        insert("1", "k");
        insert("2", "k");
        run(t -> t.addTarget(A, store.lastSequence()));
        assertThat(store.counts(A).pending()).isZero();

        long third = insert("3", "k");
        assertThat(store.counts(A).pending()).isEqualTo(1);
        assertThat(sequences(store.pending(A, store.counts(A).position(), 10, 100_000)))
                .containsExactly(third);
    }

    @Test
    void aTargetAddedAtTheBeginningHasAllPending() {
        long first = insert("1", "k");
        long second = insert("2", "k");
        run(t -> t.insert(change("other", "1", "k"), T0));
        run(t -> t.addTarget(A, 0));

        assertThat(store.counts(A).pending()).isEqualTo(2);
        assertThat(store.counts(A).oldest()).isEqualTo(T0);
        assertThat(sequences(store.pending(A, 0, 10, 100_000))).containsExactly(first, second);
    }

    @Test
    void addingAnExistingTargetChangesNothing() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        run(t -> t.addTarget(A, 1));

        assertThat(store.counts(A).position()).isZero();
        assertThat(store.counts(A).pending()).isEqualTo(1);
        assertThat(store.knows(A)).isTrue();
        assertThat(store.knows(B)).isFalse();
        assertThat(store.targets()).containsExactly(A);
    }

    @Test
    void pendingLeavesOutChangesWithARow() {
        run(t -> t.addTarget(A, 0));
        long first = insert("1", "k1");
        long second = insert("2", "k2");
        long third = insert("3", "k3");
        settle(second, "k2", PENDING, delivered(A, T0));

        assertThat(sequences(store.pending(A, 0, 10, 100_000))).containsExactly(first, third);
        assertThat(sequences(store.pending(A, 0, 1, 100_000))).containsExactly(first);
        assertThat(sequences(store.pending(A, first, 10, 100_000))).containsExactly(third);
        assertThat(store.counts(A).pending()).isEqualTo(2);
    }

    @Test
    void whatATargetHasPassedIsReadWithBodiesAndOutcomesUpToItsPosition() {
        run(t -> t.addTarget(A, 0));
        long first = insert("1", "k1");
        long second = insert("2", "k2");
        insert("3", "k3");
        settle(first, "k1", PENDING, delivered(A, T0));
        settle(second, "k2", PENDING, waiting(A, 1, T0));
        assertThat(store.passed(A, 0, 10, 100_000)).isEmpty();
        run(t -> t.position(A, second));

        List<Store.Standing> passed = store.passed(A, 0, 10, 100_000);

        assertThat(passed).extracting(one -> one.entry().sequence()).containsExactly(first, second);
        assertThat(passed).extracting(one -> one.delivery().state()).containsExactly(DELIVERED, WAITING);
        assertThat(passed.get(0).entry().change().body())
                .isEqualTo(store.entry(first).orElseThrow().change().body());
        assertThat(store.passed(A, first, 10, 100_000)).hasSize(1);
        assertThat(store.passed(A, 0, 1, 100_000)).hasSize(1);
        assertThat(store.passed(A, 0, 10, 0)).hasSize(1);
        assertThat(store.deleted("orders")).isZero();
    }

    @Test
    void allThatAFlowAcceptedIsReadInOrderWithBodies() {
        run(t -> t.addTarget(A, 0));
        long first = insert("1", "k1");
        long second = insert("2", "k2");
        settle(second, "k2", PENDING, delivered(A, T0));

        List<Entry> accepted = store.accepted("orders", 0, 10, 100_000);

        assertThat(sequences(accepted)).containsExactly(first, second);
        assertThat(accepted.get(0).change().body())
                .isEqualTo(store.entry(first).orElseThrow().change().body());
        assertThat(sequences(store.accepted("orders", first, 10, 100_000))).containsExactly(second);
        assertThat(store.accepted("orders", 0, 1, 100_000)).hasSize(1);
        assertThat(store.accepted("orders", 0, 10, 0)).hasSize(1);
        assertThat(store.accepted("others", 0, 10, 100_000)).isEmpty();
    }

    @Test
    void pendingStopsOnceItsBytesAreCrossed() {
        run(t -> t.addTarget(A, 0));
        for (String id : List.of("1", "2", "3", "4")) {
            insert(id, "k");
        }
        assertThat(store.pending(A, 0, 10, 0)).hasSize(1);
        assertThat(store.pending(A, 0, 10, 1_200)).hasSize(2);
        assertThat(store.pending(A, 0, 10, 10_000)).hasSize(4);
    }

    @Test
    void pendingAndDueCountHeadersAndTextsAsBytes() {
        run(t -> t.addTarget(A, 0));
        Map<String, String> headers = Map.of("X-Large", "h".repeat(8_000));
        for (int i = 1; i <= 4; i++) {
            Change change = new Change("orders", "" + i, "k" + i, null, Operation.UPSERT, null, headers, new byte[9]);
            run(t -> t.insert(change, T0));
        }
        assertThat(store.pending(A, 0, 10, 20_000)).hasSize(2);
        for (long sequence = 1; sequence <= 4; sequence++) {
            settle(sequence, "k" + sequence, PENDING, waiting(A, 1, T0));
        }
        assertThat(store.due(A, T0, 10, 20_000)).hasSize(2);
    }

    @Test
    void everyStateIsCountedOnce() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 7; i++) {
            insert("" + i, "k" + i);
        }
        run(t -> {
            t.settle(1, hash("k1"), PENDING, delivered(A, T0));
            t.settle(2, hash("k2"), PENDING, waiting(A, 1, T0));
            t.settle(3, hash("k3"), PENDING, parked(A));
            t.settle(4, hash("k4"), PENDING, dead(A, T0, "no"));
            t.settle(5, hash("k5"), PENDING, over(A, SUPERSEDED));
            t.settle(6, hash("k6"), PENDING, dead(A, T0, "no"));
            t.settle(6, hash("k6"), DEAD, over(A, DISCARDED));
        });
        TargetCounts counts = store.counts(A);
        assertThat(counts).isEqualTo(new TargetCounts(0, null, 1, 1, 1, 1, 1, T0));
    }

    @Test
    void theOldestIsTheFirstThatTheTargetLacks() {
        run(t -> t.addTarget(A, 0));
        run(t -> {
            for (int i = 1; i <= 4; i++) {
                t.insert(change("orders", "" + i, "k" + i), T0.plusSeconds(i));
            }
            t.settle(1, hash("k1"), PENDING, dead(A, T0, "no"));
            t.settle(2, hash("k2"), PENDING, waiting(A, 1, T0));
            t.settle(3, hash("k3"), PENDING, delivered(A, T0));
        });
        assertThat(store.counts(A).oldest()).isEqualTo(T0.plusSeconds(2));
        settle(2, "k2", WAITING, delivered(A, T0));
        run(t -> t.position(A, 3));
        assertThat(store.counts(A).oldest()).isEqualTo(T0.plusSeconds(4));
        assertThat(store.counts(A).position()).isEqualTo(3);
        settle(4, "k4", PENDING, delivered(A, T0));
        assertThat(store.counts(A).oldest()).isNull();
    }

    @Test
    void aTargetCanBePausedAndResumed() {
        run(t -> t.addTarget(A, 0));
        Pause byOperator = new Pause(false, T0, "ann", "new address");
        Pause gone = new Pause(true, T0, null, "410");
        run(t -> t.pause(A, byOperator));
        assertThat(store.counts(A).pause()).isEqualTo(byOperator);
        run(t -> t.pause(A, gone));
        assertThat(store.counts(A).pause()).isEqualTo(gone);
        run(t -> t.pause(A, null));
        assertThat(store.counts(A).pause()).isNull();
    }

    @Test
    void waitingDeliveriesAreReturnedWhenTheyAreDue() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k1");
        insert("2", "k2");
        insert("3", "k3");
        settle(1, "k1", PENDING, waiting(A, 3, T0.plusSeconds(20)));
        settle(2, "k2", PENDING, waiting(A, 1, T0.plusSeconds(10)));
        settle(3, "k3", PENDING, waiting(A, 1, T0.plusSeconds(30)));

        assertThat(store.nextDue(A, Instant.EPOCH)).contains(T0.plusSeconds(10));
        assertThat(store.due(A, T0.plusSeconds(9), 10, Long.MAX_VALUE)).isEmpty();
        List<DueChange> due = store.due(A, T0.plusSeconds(20), 10, Long.MAX_VALUE);
        assertThat(due).extracting(held -> held.entry().sequence()).containsExactly(2L, 1L);
        assertThat(due.get(1).attempts()).isEqualTo(3);
        assertThat(due.get(1).dueAt()).isEqualTo(T0.plusSeconds(20));
        assertThat(due.get(1).entry().change().body()).isEqualTo(body("1"));
        assertThat(store.due(A, T0.plusSeconds(20), 1, Long.MAX_VALUE)).hasSize(1);
        assertThat(store.nextDue(A, T0.plusSeconds(10))).contains(T0.plusSeconds(20));
        assertThat(store.nextDue(A, T0.plusSeconds(30))).isEmpty();
        assertThat(store.nextDue(B, Instant.EPOCH)).isEmpty();
    }

    @Test
    void eachHeldKeyIsGivenOnce() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k1");
        insert("2", "k1");
        insert("3", "k3");
        insert("4", "k4");
        settle(1, "k1", PENDING, waiting(A, 1, T0));
        settle(2, "k1", PENDING, parked(A));
        settle(3, "k3", PENDING, parked(A));
        settle(4, "k4", PENDING, dead(A, T0, "no"));

        run(t -> {
            for (int i = 5; i < 300; i++) {
                t.insert(change("orders", "" + i, "k" + i % 3), T0);
                t.settle(i, hash("k" + i % 3), PENDING, parked(A));
            }
        });

        List<Long> held = new ArrayList<>();
        List<Long> waiting = new ArrayList<>();
        store.heldKeys(A, (key, waits) -> (waits ? waiting : held).add(key));
        assertThat(waiting).containsExactly(hash("k1"));
        assertThat(held).containsExactlyInAnyOrder(hash("k0"), hash("k2"), hash("k3"));
    }

    @Test
    void aTargetAddedAtTheNewestChangeGetsOnlyLaterChanges() {
        insert("1", "k1");
        run(t -> t.addTarget(A, Transaction.NEWEST));
        assertThat(store.counts(A).pending()).isZero();
        assertThat(store.counts(A).position()).isEqualTo(1);
        insert("2", "k2");
        assertThat(store.pending(A, store.counts(A).position(), 10, 100_000))
                .extracting(Entry::sequence)
                .containsExactly(2L);
    }

    @Test
    void theFirstParkedChangeOfAKeyIsPromotedUnlessTheKeyWaits() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k");
        insert("3", "k");
        settle(1, "k", PENDING, waiting(A, 1, T0));
        settle(3, "k", PENDING, parked(A));
        settle(2, "k", PENDING, parked(A));

        assertThat(this.<@Nullable DueChange>with(t -> t.promote(A, hash("k"), T0.plusSeconds(1))))
                .isNull();
        settle(1, "k", WAITING, delivered(A, T0));
        DueChange held = with(t -> t.promote(A, hash("k"), T0.plusSeconds(1)));
        assertThat(held.entry().sequence()).isEqualTo(2);
        assertThat(held.dueAt()).isEqualTo(T0.plusSeconds(1));
        assertThat(held.attempts()).isZero();
        assertThat(this.<@Nullable DueChange>with(t -> t.promote(A, hash("k"), T0)))
                .isNull();
        assertThat(this.<@Nullable DueChange>with(t -> t.promote(A, hash("none"), T0)))
                .isNull();
        assertThat(store.counts(A).waiting()).isEqualTo(1);
        assertThat(store.counts(A).parked()).isEqualTo(1);
        assertThat(store.nextDue(A, Instant.EPOCH)).contains(T0.plusSeconds(1));
    }

    @Test
    void aHeldChangeKnowsItsKeyAndWhetherOneIsParkedBehindIt() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k");
        insert("3", "k");
        settle(1, "k", PENDING, waiting(A, 1, T0));
        assertThat(store.due(A, T0, 10, Long.MAX_VALUE).get(0).followed()).isFalse();
        settle(2, "k", PENDING, parked(A));
        settle(3, "k", PENDING, parked(A));

        DueChange due = store.due(A, T0, 10, Long.MAX_VALUE).get(0);
        assertThat(due.keyHash()).isEqualTo(hash("k"));
        assertThat(due.followed()).isTrue();
        settle(1, "k", WAITING, delivered(A, T0));
        assertThat(this.<DueChange>with(t -> t.promote(A, hash("k"), T0)).followed())
                .isTrue();
        settle(2, "k", WAITING, delivered(A, T0));
        assertThat(this.<DueChange>with(t -> t.promote(A, hash("k"), T0)).followed())
                .isFalse();
    }

    @Test
    void anOlderChangeParkedBehindAHeldOneDoesNotFollowIt() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k");
        settle(2, "k", PENDING, waiting(A, 1, T0));
        settle(1, "k", PENDING, parked(A));

        assertThat(store.due(A, T0, 10, Long.MAX_VALUE).get(0).followed()).isFalse();
    }

    @Test
    void parkedDeliveriesBeforeASequenceCanBeSuperseded() {
        run(t -> t.addTarget(A, 0));
        for (int id = 1; id <= 4; id++) {
            insert("" + id, id == 3 ? "other" : "k");
        }
        settle(1, "k", PENDING, waiting(A, 1, T0));
        settle(2, "k", PENDING, parked(A));
        settle(3, "other", PENDING, parked(A));
        run(t -> {
            t.settle(4, hash("k"), PENDING, parked(A));
            t.supersedeParked(A, hash("k"), 4, T0);
        });

        assertThat(store.deliveries(1).get(0).state()).isEqualTo(WAITING);
        assertThat(store.deliveries(2).get(0).state()).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(store.deliveries(2).get(0).error()).isEqualTo(Delivery.REPLACED);
        assertThat(store.deliveries(3).get(0).state()).isEqualTo(DeliveryState.PARKED);
        assertThat(store.deliveries(4).get(0).state()).isEqualTo(DeliveryState.PARKED);
        assertThat(store.counts(A).parked()).isEqualTo(2);
    }

    /** Millions may be parked when a target begins to replace older states. */
    @Test
    void ofManyParkedDeliveriesOnlyTheFirstAreSupersededAtOnce() {
        run(t -> t.addTarget(A, 0));
        run(t -> {
            for (int id = 1; id <= 1_203; id++) {
                t.insert(new Change("orders", "" + id, "k", null, Operation.UPSERT, null, Map.of(), new byte[0]), T0);
                t.settle(id, hash("k"), PENDING, parked(A));
            }
        });
        List<Integer> superseded = new ArrayList<>();
        for (int call = 0; call < 3; call++) {
            run(t -> superseded.add(t.supersedeParked(A, hash("k"), 1_203, T0).size()));
        }

        assertThat(superseded).containsExactly(1_000, 202, 0);
        assertThat(store.counts(A).parked()).isEqualTo(1);
    }

    @Test
    void theDeliveredVersionOfAKeyIsKeptUntilTheTargetIsRemoved() {
        run(t -> t.addTarget(A, 0));
        assertThat(store.deliveredVersion(A, "k")).isEmpty();
        run(t -> t.deliveredVersion(A, "k", "1"));
        run(t -> {
            t.deliveredVersion(A, "k", "2");
            t.deliveredVersion(A, "other", "7");
        });

        assertThat(store.deliveredVersion(A, "k")).contains("2");
        assertThat(store.deliveredVersion(A, "other")).contains("7");
        run(t -> t.removeTarget(A));
        run(t -> t.addTarget(A, 0));
        assertThat(store.deliveredVersion(A, "k")).isEmpty();
    }

    @Test
    void aDeliveredVersionIsForgottenARetentionLaterUnlessAChangeOfItsKeyIsKept() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "dead");
        insert("3", "young");
        for (String key : List.of("k", "dead", "young")) {
            run(t -> t.deliveredVersion(A, key, "1"));
        }
        settle(1, "k", PENDING, delivered(A, T0));
        settle(2, "dead", PENDING, dead(A, T0, "no"));
        settle(3, "young", PENDING, delivered(A, T0));
        insert("4", "other");
        settle(4, "other", PENDING, delivered(A, T0));
        purgeAt(Duration.ofSeconds(10));
        run(t -> t.deliveredVersion(A, "young", "2"));
        purgeAt(KEPT.settled().plusMillis(9_999));
        assertThat(store.deliveredVersion(A, "k")).contains("1");

        purgeAt(KEPT.settled().plusSeconds(10));
        assertThat(store.deliveredVersion(A, "k")).isEmpty();
        assertThat(store.deliveredVersion(A, "dead")).contains("1");
        assertThat(store.deliveredVersion(A, "young")).contains("2");
        settle(2, "dead", DEAD, over(A, DISCARDED));
        insert("5", "other");
        purgeAt(KEPT.settled().multipliedBy(2));
        purgeAt(KEPT.settled().multipliedBy(3));
        assertThat(store.deliveredVersion(A, "dead")).isEmpty();
        assertThat(store.deliveredVersion(A, "young")).isEmpty();
    }

    @Test
    void settlingFromAWrongStateIsRefusedAndRolledBack() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");

        assertThatThrownBy(() -> settle(1, "k", WAITING, delivered(A, T0))).isInstanceOf(IllegalStateException.class);
        store.reopen();
        assertThat(store.counts(A)).isEqualTo(new TargetCounts(0, null, 1, 0, 0, 0, 0, T0));
        assertThat(store.deliveries(1)).isEmpty();
    }

    @Test
    void anIllegalMoveIsRefusedAndRolledBack() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        settle(1, "k", PENDING, delivered(A, T0));

        assertThatThrownBy(() -> settle(1, "k", DELIVERED, dead(A, T0, "no")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("DELIVERED cannot become DEAD");
        assertThat(store.deliveries(1)).containsExactly(delivered(A, T0));
    }

    @Test
    void deliveriesAndAttemptsOfAChangeAreListed() {
        run(t -> {
            t.addTarget(B, 0);
            t.addTarget(A, 0);
        });
        insert("1", "k");
        Attempt one = new Attempt(A, 1, T0, 503, "busy");
        Attempt two = new Attempt(B, 1, T0.plusSeconds(1), null, "reset");
        Attempt three = new Attempt(A, 2, T0.plusSeconds(2), 400, "no");
        run(t -> {
            t.attempt(1, one);
            t.attempt(1, two);
            t.attempt(1, three);
            t.settle(1, hash("k"), PENDING, waiting(B, 1, T0.plusSeconds(9)));
            t.settle(1, hash("k"), PENDING, dead(A, T0.plusSeconds(2), "no"));
        });
        assertThat(store.attempts(1)).containsExactly(one, two, three);
        assertThat(store.deliveries(1))
                .containsExactly(dead(A, T0.plusSeconds(2), "no"), waiting(B, 1, T0.plusSeconds(9)));
    }

    @Test
    void theNewestAttemptsOfADeliveryKeepTheirTranscripts() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        insert("1", "k");
        for (int i = 1; i <= 6; i++) {
            Attempt attempt = new Attempt(
                    A,
                    i,
                    T0.plusSeconds(i),
                    400,
                    "no",
                    new Attempt.Transcript("POST /" + i + "\n\n{\\: 1}", "no: " + i));
            run(t -> t.attempt(1, attempt));
        }
        Attempt other = new Attempt(B, 1, T0, null, "reset", new Attempt.Transcript("POST /b", null));
        run(t -> t.attempt(1, other));

        assertThat(store.attempts(1).stream()
                        .filter(attempt -> attempt.target().equals(A))
                        .map(Attempt::transcript))
                .containsExactly(
                        null,
                        null,
                        null,
                        new Attempt.Transcript("POST /4\n\n{\\: 1}", "no: 4"),
                        new Attempt.Transcript("POST /5\n\n{\\: 1}", "no: 5"),
                        new Attempt.Transcript("POST /6\n\n{\\: 1}", "no: 6"));
        assertThat(store.attempts(1)).contains(other);
    }

    @Test
    void ofManyAttemptsTheFirstAndTheNewestAreKept() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        insert("1", "k");
        insert("2", "k");
        settle(1, "k", PENDING, waiting(A, 0, T0));
        for (int i = 1; i <= 40; i++) {
            Attempt attempt = new Attempt(A, i, T0.plusSeconds(i), 503, "busy");
            int one = i;
            run(t -> {
                t.attempt(1, attempt);
                t.attempt(2, attempt);
                if (one <= 7) {
                    t.attempt(1, new Attempt(B, one, T0, 503, "busy"));
                }
                t.settle(1, hash("k"), WAITING, waiting(A, one, T0));
            });
        }
        List<Integer> kept = IntStream.concat(IntStream.rangeClosed(1, 5), IntStream.rangeClosed(21, 40))
                .boxed()
                .toList();
        for (long sequence : List.of(1L, 2L)) {
            assertThat(store.attempts(sequence).stream()
                            .filter(attempt -> attempt.target().equals(A))
                            .map(Attempt::number))
                    .containsExactlyElementsOf(kept);
        }
        assertThat(store.attempts(1)).hasSize(25 + 7);
        assertThat(store.deliveries(1).get(0).attempts()).isEqualTo(40);
    }

    @Test
    void deadLettersAreFilteredAndPaged() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        for (int i = 1; i <= 4; i++) {
            insert("" + i, "k" + i);
            settle(i, "k" + i, PENDING, dead(A, T0.plusSeconds(i), "Error number " + i));
        }
        settle(2, "k2", PENDING, dead(B, T0, "timeout"));

        assertThat(dead(DeliveryFilter.ALL, 0, 10)).containsExactly("a1", "a2", "b2", "a3", "a4");
        assertThat(dead(DeliveryFilter.ALL, 0, 2)).containsExactly("a1", "a2", "b2");
        assertThat(dead(DeliveryFilter.ALL, 2, 10)).containsExactly("a3", "a4");
        assertThat(dead(new DeliveryFilter("orders", "b", List.of(), List.of(), null, null), 0, 10))
                .containsExactly("b2");
        assertThat(dead(new DeliveryFilter("none", null, List.of(), List.of(), null, null), 0, 10))
                .isEmpty();
        assertThat(dead(new DeliveryFilter(null, "a", List.of("k1", "k4"), List.of(), null, null), 0, 10))
                .containsExactly("a1", "a4");
        assertThat(dead(new DeliveryFilter(null, null, List.of(), List.of(2L, 4L), null, null), 0, 10))
                .containsExactly("a2", "b2", "a4");
        assertThat(dead(new DeliveryFilter(null, null, List.of(), List.of(), "NUMBER 3", null), 0, 10))
                .containsExactly("a3");
        assertThat(dead(new DeliveryFilter(null, null, List.of(), List.of(), null, T0.plusSeconds(3)), 0, 10))
                .containsExactly("a3", "a4");
        DeadLetter letter = store.dead(DeliveryFilter.ALL, 3, 1).get(0);
        assertThat(letter)
                .isEqualTo(new DeadLetter(
                        A, 4, "4", "k4", null, Operation.UPSERT, T0, 2, T0.plusSeconds(4), 422, "Error number 4"));
    }

    @Test
    void whatHasNotEndedWellIsListedByTargetStateAndCause() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        for (int i = 1; i <= 8; i++) {
            insert("" + i, i == 3 || i == 4 ? "k2" : "k" + i);
        }
        settle(1, "k1", PENDING, delivered(A, T0));
        settle(2, "k2", PENDING, failing(A, T0.plusSeconds(1), "order 17 is unknown"));
        settle(3, "k2", PENDING, parked(A));
        settle(4, "k2", PENDING, parked(A));
        settle(5, "k5", PENDING, failing(A, T0.plusSeconds(5), "order 18 is unknown"));
        settle(6, "k6", PENDING, dead(A, T0.plusSeconds(6), "order 19 is unknown"));
        settle(6, "k6", PENDING, dead(B, T0.plusSeconds(6), "no"));
        run(t -> t.position(A, 6));

        assertThat(standing(A, WAITING, null, 0, 10)).containsExactly(2L, 5L);
        assertThat(standing(A, WAITING, null, 2, 10)).containsExactly(5L);
        assertThat(standing(A, PARKED, null, 0, 1)).containsExactly(3L);
        assertThat(standing(A, PENDING, null, 0, 10)).containsExactly(7L, 8L);
        assertThat(standing(B, PENDING, null, 5, 2)).containsExactly(7L, 8L);
        assertThat(standing(A, DEAD, null, 0, 10)).containsExactly(6L);
        assertThat(store.behind(A, hash("k2"), 2, 1_000)).isEqualTo(2);
        assertThat(store.behind(A, hash("k2"), 2, 1)).isEqualTo(1);
        assertThat(store.behind(A, hash("k5"), 5, 1_000)).isZero();
        assertThat(store.targetsWith(WAITING)).containsExactly(A);
        assertThat(store.targetsWith(PENDING)).containsExactly(A, B);
        assertThat(store.targetsWith(DEAD)).containsExactly(A, B);

        long cause = Cause.of(503, "order 99 is unknown").hash();
        assertThat(standing(A, WAITING, cause, 0, 10)).containsExactly(2L, 5L);
        assertThat(standing(A, WAITING, cause, 2, 10)).containsExactly(5L);
        assertThat(standing(A, DEAD, cause, 0, 10)).as("another status").isEmpty();
        assertThat(store.causes(A, WAITING, T0.plusSeconds(2)))
                .containsExactly(new Store.CauseCount(
                        A,
                        WAITING,
                        cause,
                        2,
                        1,
                        2,
                        T0.plusSeconds(1),
                        T0.plusSeconds(5),
                        2,
                        503,
                        "order 17 is unknown"));

        settle(5, "k5", WAITING, delivered(A, T0));
        settle(6, "k6", DEAD, parked(A));
        run(t -> assertThat(t.promote(A, hash("k6"), T0)).isNotNull());
        assertThat(store.causes(A, DEAD, T0)).isEmpty();
        assertThat(store.causes(A, WAITING, T0)).singleElement().satisfies(one -> {
            assertThat(one.count()).isEqualTo(1);
            assertThat(one.recent()).isEqualTo(1);
            assertThat(one.example()).isEqualTo(2);
        });
        assertThat(standing(A, WAITING, null, 0, 10)).containsExactly(2L, 6L);
    }

    @Test
    void causesAreThoseOfNowHoweverOftenTheyAreAskedFor() {
        Instant recent = T0.plusSeconds(50);
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 4; i++) {
            insert("" + i, "k" + i);
        }
        settle(1, "k1", PENDING, dead(A, T0, "unknown order"));
        settle(2, "k2", PENDING, failing(A, T0, "busy"));
        assertThat(counted(recent)).containsExactly("unknown order 1", "busy 1").isEqualTo(counted(recent));
        settle(3, "k3", PENDING, dead(A, T0, "unknown order"));
        assertThat(counted(recent)).containsExactly("unknown order 2", "busy 1").isEqualTo(counted(recent));
        settle(2, "k2", WAITING, failing(A, T0.plusSeconds(60), "refused"));
        assertThat(counted(recent)).containsExactly("unknown order 2", "refused 1 recent");
        assertThat(counted(T0.plusSeconds(70))).containsExactly("unknown order 2", "refused 1");
        assertThat(counted(recent)).containsExactly("unknown order 2", "refused 1 recent");
        settle(4, "k2", PENDING, parked(A));
        run(t -> t.putInOrder(A, 2, hash("k2"), true));
        assertThat(counted(T0.plusSeconds(70))).containsExactly("unknown order 2");
        run(t -> assertThat(t.promote(A, hash("k2"), T0)).isNotNull());
        assertThat(counted(T0.plusSeconds(70))).containsExactly("unknown order 2", "refused 1");
        settle(1, "k1", DEAD, parked(A));
        assertThat(counted(T0.plusSeconds(70))).containsExactly("unknown order 1", "refused 1");
        try (Transaction undone = store.begin()) {
            undone.settle(3, hash("k3"), DEAD, over(A, DISCARDED));
        }
        assertThat(counted(T0.plusSeconds(70))).containsExactly("unknown order 1", "refused 1");
        purgeAll(false, true);
        purgeAll(false, true);
        assertThat(counted(T0.plusSeconds(70))).containsExactly("refused 1");
        run(t -> t.removeTarget(A));
        assertThat(counted(T0.plusSeconds(70))).isEmpty();
        run(t -> t.addTarget(A, 0));
        assertThat(counted(T0.plusSeconds(70))).isEmpty();
    }

    /** The dead ones of the target, and then those that are retried. */
    private List<String> counted(Instant since) {
        return Stream.of(DEAD, WAITING)
                .flatMap(state -> store.causes(A, state, since).stream())
                .map(one -> one.error() + " " + one.count() + (one.recent() > 0 ? " recent" : ""))
                .toList();
    }

    private List<Long> standing(TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit) {
        return store.standing(target, state, cause, after, limit).stream()
                .map(one -> {
                    assertThat(one.delivery().state()).isEqualTo(state);
                    assertThat(one.delivery().target()).isEqualTo(target);
                    return one.entry().sequence();
                })
                .toList();
    }

    private static Delivery failing(TargetName target, Instant failedAt, String error) {
        return new Delivery(target, WAITING, 1, T0.plusSeconds(99), failedAt, 503, error);
    }

    @Test
    void whatWaitsIsMadeDueEarlierButNeverLater() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 3; i++) {
            insert("" + i, "k" + i);
        }
        settle(1, "k1", PENDING, waiting(A, 1, T0.plusSeconds(60)));
        settle(2, "k2", PENDING, waiting(A, 1, T0));
        settle(3, "k3", PENDING, parked(A));
        run(t -> {
            assertThat(t.expedite(A, 1, T0.plusSeconds(5))).isTrue();
            assertThat(t.expedite(A, 2, T0.plusSeconds(5))).isTrue();
            assertThat(t.expedite(A, 3, T0.plusSeconds(5))).isFalse();
            assertThat(t.expedite(A, 9, T0.plusSeconds(5))).isFalse();
        });
        assertThat(store.standing(A, WAITING, null, 0, 10))
                .extracting(one -> one.delivery().dueAt())
                .containsExactly(T0.plusSeconds(5), T0);
    }

    @Test
    void replaysAreKeptWithTheirFilters() {
        DeliveryFilter filter = new DeliveryFilter(
                "orders", null, List.of("a\nb", "c\\n", ""), List.of(7L, 8L), "no", -5L, 422, T0, T0.plusSeconds(1));
        Store.Replay first =
                new Store.Replay(1, DeliveryFilter.ALL, 2.5, Store.ReplayState.RUNNING, T0, null, null, 10, 0, 0, 0);
        Store.Replay second = new Store.Replay(2, filter, 50, Store.ReplayState.RUNNING, T0, null, null, 10, 0, 0, 0);
        Store.Replay stopped = new Store.Replay(
                2, filter, 50, Store.ReplayState.STOPPED, T0, T0.plusSeconds(9), "stopped", 10, 7, 3, 2);
        run(t -> {
            t.replay(first);
            t.replay(second);
        });
        run(t -> t.replay(stopped));

        assertThat(store.replays()).containsExactly(stopped, first);
    }

    private static AuditEntry audited(String actor, String action, int day) {
        return AuditEntry.of(actor, action, "orders/erp", "{\"all\":true}", 7L, "why", "done")
                .at(T0.plus(Duration.ofDays(day)));
    }

    private List<AuditEntry> audit(
            @Nullable Instant since, @Nullable Instant until, @Nullable String actor, @Nullable String action) {
        return store.audit(new AuditQuery(since, until, actor, action, Long.MAX_VALUE, 10));
    }

    @Test
    void theAuditIsReadNewestFirstAndByItsParts() {
        AuditEntry bare = AuditEntry.of("node", "reload", "a.yaml", null, null, null, "loaded")
                .at(T0);
        run(t -> t.audit(bare, Instant.EPOCH, 10));
        run(t -> {
            t.audit(audited("ann", "skip", 1), Instant.EPOCH, 10);
            t.audit(audited("bob", "skip", 2), Instant.EPOCH, 10);
        });
        AuditEntry ann = audited("ann", "skip", 1).withId(2);
        AuditEntry bob = audited("bob", "skip", 2).withId(3);

        assertThat(audit(null, null, null, null)).containsExactly(bob, ann, bare.withId(1));
        assertThat(audit(null, null, "ann", null)).containsExactly(ann);
        assertThat(audit(null, null, null, "skip")).containsExactly(bob, ann);
        assertThat(audit(null, null, "ann", "reload")).isEmpty();
        assertThat(audit(ann.at(), bob.at(), null, null)).containsExactly(ann);
        assertThat(store.audit(new AuditQuery(null, null, null, null, 3, 1))).containsExactly(ann);
    }

    @Test
    void anEntryOfWorkThatGoesOnGetsItsOutcomeLater() {
        AuditEntry backup = AuditEntry.of("ann", "backup", "/b.db", null, null, "why", AuditEntry.RUNNING)
                .at(T0);
        AuditEntry replay = AuditEntry.of("ann", "replay", "a/b", null, 9L, null, AuditEntry.runningAs(7))
                .at(T0);
        AtomicLong last = new AtomicLong();
        run(t -> {
            t.audit(audited("ann", "skip", 1), Instant.EPOCH, 10);
            assertThat(t.audit(backup, Instant.EPOCH, 10)).isEqualTo(2);
            last.set(t.audit(replay, Instant.EPOCH, 10));
        });
        assertThat(last).hasValue(3);
        AuditQuery running = new AuditQuery(null, null, null, null, true, Long.MAX_VALUE, 10);
        assertThat(store.audit(running)).containsExactly(replay.withId(3), backup.withId(2));
        assertThat(store.audit(running).get(0).replay()).hasValue(7);

        run(t -> {
            t.audit(backup.withId(2).ended(ActionEnd.done(null)), Instant.EPOCH, 10);
            t.audit(replay.withId(99).ended(ActionEnd.INTERRUPTED), Instant.EPOCH, 10);
        });
        assertThat(store.audit(running)).containsExactly(replay.withId(3));
        assertThat(audit(null, null, null, "backup"))
                .extracting(AuditEntry::outcome)
                .containsExactly("done");
        assertThat(audit(null, null, null, null)).hasSize(3);
    }

    @Test
    void theAuditForgetsWhatIsTooOldOrTooMuch() {
        for (int day = 0; day < 5; day++) {
            int now = day;
            run(t -> t.audit(audited("ann", "skip", now), Instant.EPOCH, 3));
        }
        assertThat(audit(null, null, null, null)).extracting(AuditEntry::id).containsExactly(5L, 4L, 3L);

        run(t -> t.audit(audited("ann", "skip", 5), T0.plus(Duration.ofDays(4)), 100));
        assertThat(audit(null, null, null, null)).extracting(AuditEntry::id).containsExactly(6L, 5L);
    }

    private static HistoryCounts happened(long accepted, long delivered, long pending) {
        return new HistoryCounts(accepted, 1, delivered, 2, 3, pending, pending * 1000);
    }

    private List<HistoryPoint> history(HistoryStep step, @Nullable String flow, @Nullable String target) {
        return store.history().points(new HistoryQuery(step, flow, target, T0, T0.plus(Duration.ofHours(2))));
    }

    @Test
    void theHistoryAddsToAMinuteAndKeepsTheMostOfAnHour() {
        TargetName other = new TargetName("orders", "other");
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(other, 0);
        });
        Instant next = T0.plus(Duration.ofMinutes(1));
        run(t -> {
            t.history()
                    .add(
                            T0,
                            List.of(
                                    new HistoryRow("orders", null, happened(5, 0, 0)),
                                    new HistoryRow("orders", A.target(), happened(0, 4, 9)),
                                    new HistoryRow("orders", "removed", happened(0, 100, 100)),
                                    new HistoryRow(null, null, happened(50, 40, 30))));
            t.history().add(T0, List.of(new HistoryRow("orders", A.target(), happened(0, 1, 2))));
            t.history().add(next, List.of(new HistoryRow("orders", other.target(), happened(0, 7, 1))));
        });

        assertThat(history(HistoryStep.MINUTE, "orders", A.target()))
                .containsExactly(new HistoryPoint(T0, new HistoryCounts(5, 3, 5, 6, 9, 2, 2000)));
        assertThat(history(HistoryStep.MINUTE, "orders", null))
                .containsExactly(
                        new HistoryPoint(T0, new HistoryCounts(5, 3, 5, 6, 9, 2, 2000)),
                        new HistoryPoint(next, happened(0, 7, 1)));
        assertThat(history(HistoryStep.HOUR, "orders", null))
                .containsExactly(new HistoryPoint(T0, new HistoryCounts(5, 4, 12, 8, 12, 10, 9000)));
        assertThat(history(HistoryStep.MINUTE, null, null)).containsExactly(new HistoryPoint(T0, happened(50, 40, 30)));
        assertThat(history(HistoryStep.MINUTE, "unknown", null)).isEmpty();
        assertThat(store.history().points(new HistoryQuery(HistoryStep.MINUTE, "orders", null, T0, next)))
                .as("until is exclusive")
                .hasSize(1);
    }

    @Test
    void theHistoryIsTrimmedByItsLength() {
        Instant next = T0.plus(Duration.ofMinutes(1));
        List<HistoryRow> all = List.of(new HistoryRow(null, null, happened(1, 0, 0)));
        run(t -> {
            t.history().add(T0, all);
            t.history().add(next, all);
        });
        assertThat(store.history().oldest(HistoryStep.MINUTE)).contains(T0);

        run(t -> t.history().trim(HistoryStep.MINUTE, next));

        assertThat(store.history().oldest(HistoryStep.MINUTE)).contains(next);
        assertThat(history(HistoryStep.MINUTE, null, null)).hasSize(1);
        assertThat(store.history().oldest(HistoryStep.HOUR)).contains(T0);
    }

    @Test
    void changesOfStatesAreReadNewestFirstAndTheOldestGo() {
        TargetName shop = new TargetName("orders", "shop");
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(shop, 0);
        });
        StateChange down = new StateChange(T0, "orders", A.target(), "ok", "down");
        StateChange slow = new StateChange(T0.plusSeconds(60), "orders", "shop", "ok", "slow");
        StateChange up = new StateChange(T0.plusSeconds(120), "orders", A.target(), "down", "ok");
        StateChange gone = new StateChange(T0.plusSeconds(120), "orders", "gone", "down", "ok");
        run(t -> t.history().stateChanges(List.of(down, slow), Instant.EPOCH, 10));
        run(t -> t.history().stateChanges(List.of(gone, up), Instant.EPOCH, 10));

        assertThat(states(null, null, T0, 10)).containsExactly(up, slow, down);
        assertThat(states(null, null, T0, 1)).containsExactly(up);
        assertThat(states("orders", A.target(), T0.plusSeconds(1), 10)).containsExactly(up);
        assertThat(states("other", null, T0, 10)).isEmpty();
        assertThat(store.history().lastStates()).containsExactlyInAnyOrder(up, slow);

        run(t -> t.history().stateChanges(List.of(down), T0.plusSeconds(61), 10));
        assertThat(states(null, null, Instant.EPOCH, 10)).doesNotContain(slow);
        run(t -> t.history().stateChanges(List.of(slow), Instant.EPOCH, 1));
        assertThat(states(null, null, Instant.EPOCH, 10)).containsExactly(slow);
    }

    private List<StateChange> states(@Nullable String flow, @Nullable String target, Instant since, int limit) {
        return store.history().stateChanges(flow, target, since, T0.plusSeconds(121), limit);
    }

    private Map<Integer, Long> transitions(ChainWindow window, Instant since) {
        return store.history().transitions(window, A.flow(), A.target(), since, T0.plus(Duration.ofDays(2)));
    }

    @Test
    void attemptsAreCountedInWindowsAndRegimesReplaceTheirFormerRow() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        Instant later = T0.plus(Duration.ofMinutes(6));
        PeriodRow up = new PeriodRow("up", T0, T0.plusSeconds(60), false);
        PeriodRow ended = new PeriodRow("up", T0, T0.plusSeconds(90), true);
        PeriodRow moment = new PeriodRow("slow", T0.plusSeconds(90), T0.plusSeconds(90), true);
        PeriodRow down = new PeriodRow("down", T0.plusSeconds(90), later, false);
        ScoreRow score = new ScoreRow(0, 4, 0.25, 1.5);
        run(t -> t.history()
                .addChains(
                        T0,
                        List.of(
                                new ChainRows(A.flow(), A.target(), Map.of(3, 5L, 7, 1L), List.of(up), List.of(score)),
                                new ChainRows(B.flow(), B.target(), Map.of(3, 9L), List.of(), List.of()),
                                new ChainRows("orders", "gone", Map.of(3, 9L), List.of(up), List.of(score)))));
        run(t -> t.history()
                .addChains(
                        later,
                        List.of(new ChainRows(
                                A.flow(), A.target(), Map.of(3, 2L), List.of(ended, moment, down), List.of(score)))));

        assertThat(transitions(ChainWindow.FIVE_MINUTES, T0)).isEqualTo(Map.of(3, 7L, 7, 1L));
        assertThat(transitions(ChainWindow.FIVE_MINUTES, later)).isEqualTo(Map.of(3, 2L));
        assertThat(transitions(ChainWindow.DAY, later)).isEqualTo(Map.of(3, 7L, 7, 1L));
        assertThat(store.history().regimes(A.flow(), A.target(), 10)).containsExactly(down, ended);
        assertThat(store.history().regimes(A.flow(), A.target(), 1)).containsExactly(down);
        assertThat(store.history().regimes(B.flow(), B.target(), 10)).isEmpty();
        assertThat(store.history().scores(A.flow(), A.target(), T0)).containsExactly(new ScoreRow(0, 8, 0.5, 3));
        assertThat(store.history().scores(A.flow(), A.target(), T0.plus(Duration.ofDays(1))))
                .isEmpty();

        assertThat(store.history().oldestTransition(ChainWindow.FIVE_MINUTES)).contains(T0);
        run(t -> t.history().trimTransitions(ChainWindow.FIVE_MINUTES, T0.plus(Duration.ofMinutes(5))));
        assertThat(transitions(ChainWindow.FIVE_MINUTES, T0)).isEqualTo(Map.of(3, 2L));
        assertThat(transitions(ChainWindow.HOUR, T0)).isEqualTo(Map.of(3, 7L, 7, 1L));
        assertThat(store.history().scores(A.flow(), A.target(), T0)).isNotEmpty();
        run(t -> t.history().trimTransitions(ChainWindow.DAY, T0.plus(Duration.ofDays(1))));
        assertThat(store.history().scores(A.flow(), A.target(), T0)).isEmpty();
    }

    @Test
    void theHistoryKnowsWhatTargetsWereGivenAndWhatWasDoneWithinATime() {
        run(t -> t.addTarget(A, 0));
        long sequence = insert("1", "k1");
        run(t -> t.settle(sequence, Hash.of("k1"), PENDING, new Delivery(A, DELIVERED, 1, null, T0, 200, null)));
        for (int day = 0; day < 3; day++) {
            int now = day;
            run(t -> t.audit(audited("ann", "skip", now), Instant.EPOCH, 10));
        }

        assertThat(store.history().delivered())
                .containsExactly(new HistoryReads.DeliveredCount(A.flow(), A.target(), 1));
        assertThat(store.history().audit(T0, T0.plus(Duration.ofDays(2)), 10))
                .extracting(AuditEntry::id)
                .containsExactly(2L, 1L);
    }

    @Test
    void cursorsAreSavedAndReplaced() {
        run(t -> t.cursor(new Cursor("b", "1", T0)));
        run(t -> {
            t.cursor(new Cursor("a", "x", T0));
            t.cursor(new Cursor("b", "2", T0.plusSeconds(1)));
        });
        assertThat(store.cursor("b")).contains(new Cursor("b", "2", T0.plusSeconds(1)));
        assertThat(store.cursor("c")).isEmpty();
        assertThat(store.cursors()).extracting(Cursor::name).containsExactly("a", "b");
    }

    @Test
    void changesAreFoundByFlowKeyAndId() {
        insert("1", "k1");
        insert("2", "k2");
        insert("3", "k1");
        run(t -> t.insert(change("other", "1", "k1"), T0));

        assertThat(changes(null, null, null, 10)).containsExactly(4L, 3L, 2L, 1L);
        assertThat(changes(null, null, null, 2)).containsExactly(4L, 3L);
        assertThat(changes("orders", null, null, 2)).containsExactly(3L, 2L);
        assertThat(changes("orders", "k1", null, 10)).containsExactly(3L, 1L);
        assertThat(changes("orders", "k1", null, 1)).containsExactly(3L);
        assertThat(changes(null, "k1", null, 10)).containsExactly(4L, 3L, 1L);
        assertThat(changes(null, null, "1", 10)).containsExactly(4L, 1L);
        assertThat(changes("orders", "k2", "1", 10)).isEmpty();
        assertThat(changes("orders", "k1", "1", 10)).containsExactly(1L);
        assertThat(changes("none", "k1", null, 10)).isEmpty();
        assertThat(store.changes(new ChangeQuery("orders", "k2", null, 1))
                        .get(0)
                        .change())
                .usingRecursiveComparison()
                .isEqualTo(new Change("orders", "2", "k2", null, Operation.UPSERT, null, Map.of(), new byte[0]));
    }

    @Test
    void aRemovedTargetIsDeletedAndCanBeAddedAgain() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        insert("1", "k");
        insert("2", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        settle(1, "k", PENDING, delivered(B, T0));
        run(t -> t.attempt(1, new Attempt(A, 1, T0, 500, "no")));
        run(t -> t.removeTarget(A));

        assertThat(store.knows(A)).isFalse();
        run(t -> assertThat(List.of(t.knows(A), t.knows(B))).containsExactly(false, true));
        assertThat(store.targets()).containsExactly(B);
        assertThat(store.deliveries(1)).hasSize(1);
        assertThat(store.attempts(1)).isEmpty();
        assertThat(store.dead(DeliveryFilter.ALL, 0, 10)).isEmpty();
        run(t -> t.addTarget(A, 0));
        assertThat(store.counts(A)).isEqualTo(new TargetCounts(0, null, 2, 0, 0, 0, 0, T0));
        assertThat(store.pending(A, 0, 10, 100_000)).hasSize(2);
        purgeAll(false, false);
        assertThat(store.deliveries(1)).containsExactly(delivered(B, T0));
        assertThat(store.counts(A).pending()).isEqualTo(2);
    }

    @Test
    void settledChangesAreDeletedAfterTheirRetention() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        for (int i = 1; i <= 5; i++) {
            insert("" + i, "k" + i);
            settle(i, "k" + i, PENDING, delivered(A, T0));
            if (i == 4) {
                purgeAt(Duration.ofSeconds(10));
            }
        }
        settle(1, "k1", PENDING, delivered(B, T0));
        settle(2, "k2", PENDING, over(B, SUPERSEDED));
        settle(3, "k3", PENDING, waiting(B, 1, T0));
        settle(4, "k4", PENDING, delivered(B, T0));
        settle(5, "k5", PENDING, delivered(B, T0));
        run(t -> t.attempt(4, new Attempt(B, 1, T0, 500, "no")));
        TargetCounts a = store.counts(A);
        TargetCounts b = store.counts(B);
        purgeAt(KEPT.settled().plusSeconds(10));

        assertThat(changes(null, null, null, 10)).containsExactly(5L, 3L);
        assertThat(store.deliveries(4)).isEmpty();
        assertThat(store.attempts(4)).isEmpty();
        assertThat(find("orders", "4")).isEmpty();
        assertThat(find("orders", "3")).hasValue(3);
        assertThat(store.counts(A)).isEqualTo(a);
        assertThat(store.counts(B)).isEqualTo(b);
    }

    @Test
    void aChangeWithAnOpenDeliveryIsDeletedAfterTheDeliveryEnds() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k2");
        settle(1, "k", PENDING, waiting(A, 1, T0));
        settle(2, "k2", PENDING, delivered(A, T0));
        purgeAll(true, false);
        assertThat(changes(null, null, null, 10)).containsExactly(1L);

        settle(1, "k", WAITING, delivered(A, T0));
        purgeAll(true, false);
        assertThat(changes(null, null, null, 10)).isEmpty();
        assertThat(insert("3", "k")).isGreaterThan(2);
    }

    @Test
    void aPendingChangeIsNeverDeleted() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        insert("2", "k");
        settle(2, "k", PENDING, delivered(A, T0));
        purgeAll(true, false);

        assertThat(store.entry(1)).isPresent();
        settle(1, "k", PENDING, delivered(A, T0));
        purgeAll(true, false);
        assertThat(changes(null, null, null, 10)).isEmpty();
    }

    @Test
    void aFlowThatCannotBeDeletedLeavesTheOthersToBeDeleted() {
        TargetName other = new TargetName("others", "a");
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(other, 0);
        });
        for (int i = 1; i <= 9; i++) {
            insert("" + i, "k");
            String id = "" + i;
            run(t -> t.insert(change("others", id, "k"), T0));
        }
        for (int sequence = 2; sequence <= 18; sequence += 2) {
            settle(sequence, "k", PENDING, sequence == 8 ? dead(other, T0, "no") : delivered(other, T0));
            int one = sequence;
            run(t -> t.attempt(one, new Attempt(other, 1, T0, 500, "no")));
            run(t -> t.attempt(one - 1, new Attempt(A, 1, T0, 500, "no")));
        }
        for (int sequence = 5; sequence <= 17; sequence += 2) {
            settle(sequence, "k", PENDING, delivered(A, T0));
        }
        settle(1, "k", PENDING, delivered(A, T0));
        purgeAll(true, false);

        assertThat(changes("others", null, null, 100)).containsExactly(8L);
        assertThat(changes("orders", null, null, 100)).containsExactly(17L, 15L, 13L, 11L, 9L, 7L, 5L, 3L);
        assertThat(store.attempts(3)).hasSize(1);
        assertThat(store.attempts(8)).hasSize(1);
        assertThat(store.attempts(10)).isEmpty();
        assertThat(store.entry(17).orElseThrow().damage()).isNull();
        assertThat(store.counts(A).pending()).isEqualTo(1);
    }

    @Test
    void deadLettersAreDeletedAfterTheirRetention() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k1");
        insert("2", "k2");
        settle(1, "k1", PENDING, dead(A, T0, "no"));
        purgeAt(Duration.ofSeconds(10));
        settle(2, "k2", PENDING, dead(A, T0, "no"));
        purgeAt(Duration.ofSeconds(20));
        purgeAt(KEPT.dead().plusMillis(9_999));
        assertThat(changes(null, null, null, 10)).containsExactly(2L, 1L);

        purgeAt(KEPT.dead().plusMillis(10_000));
        assertThat(changes(null, null, null, 10)).containsExactly(2L);
        assertThat(store.counts(A).dead()).isEqualTo(1);
        assertThat(store.counts(A).pending()).isZero();
    }

    @Test
    void theTimeOfADeadLetterCountsAnewWhenItIsGivenUpAgain() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        purgeAt(Duration.ZERO);
        settle(1, "k", DEAD, parked(A));
        run(t -> t.promote(A, hash("k"), T0));
        settle(1, "k", WAITING, dead(A, T0, "no"));
        purgeAt(Duration.ofSeconds(60));
        purgeAt(KEPT.dead().plusSeconds(59));
        assertThat(store.counts(A).dead()).isEqualTo(1);

        purgeAt(KEPT.dead().plusSeconds(60));
        assertThat(store.counts(A).dead()).isZero();
    }

    @Test
    void aDeadLetterThatWasReplayedInTimeIsLeftAlone() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        purgeAt(Duration.ZERO);
        settle(1, "k", DEAD, parked(A));
        purgeAt(KEPT.dead());

        assertThat(store.deliveries(1)).containsExactly(parked(A));
    }

    @Test
    void aWallClockThatIsSetNeitherDeletesNorKeeps() {
        run(t -> t.addTarget(A, 0));
        run(t -> t.insert(change("orders", "1", "k"), Instant.parse("2300-01-01T00:00:00Z")));
        run(t -> t.insert(change("orders", "2", "l"), Instant.EPOCH));
        settle(1, "k", PENDING, delivered(A, T0));
        settle(2, "l", PENDING, dead(A, Instant.EPOCH, "no"));
        purgeAt(Duration.ZERO);
        purgeAt(KEPT.settled().minusMillis(1));
        assertThat(changes(null, null, null, 10)).containsExactly(2L, 1L);

        purgeAt(KEPT.settled());
        assertThat(changes(null, null, null, 10)).containsExactly(2L);
    }

    @Test
    void itsClockIsKeptAndReplaced() {
        assertThat(store.clock()).isEmpty();
        run(t -> t.clock(new SavedClock(1, 2, 3)));
        run(t -> t.clock(new SavedClock(4, 5, 6)));
        store.reopen();

        assertThat(store.clock()).contains(new SavedClock(4, 5, 6));
    }

    @Test
    void whatWaitsTooLongIsDueAtTheLimit() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 3; i++) {
            insert("" + i, "k" + i);
            settle(i, "k" + i, PENDING, i == 3 ? parked(A) : waiting(A, 1, T0.plusSeconds(60 * i)));
        }
        run(t -> t.limitDue(A, T0.plusSeconds(90)));

        assertThat(store.deliveries(1)).containsExactly(waiting(A, 1, T0.plusSeconds(60)));
        assertThat(store.deliveries(2)).containsExactly(waiting(A, 1, T0.plusSeconds(90)));
        assertThat(store.deliveries(3)).containsExactly(parked(A));
    }

    @Test
    void theKeyOfADeadLetterPastItsTimeIsTold() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        insert("1", "k");
        insert("2", "l");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        settle(2, "l", PENDING, dead(B, T0, "no"));
        purgeAt(Duration.ZERO);
        settle(1, "k", PENDING, dead(B, T0, "no"));
        List<String> told = new ArrayList<>();
        run(t -> t.purge(KEPT.dead().toMillis(), KEPT, 10, (target, key, sequence) -> told.add(target + " " + key)));

        assertThat(told).containsExactlyInAnyOrder(A + " k", B + " l");
    }

    @Test
    void anExpiredDeadLetterDoesNotDeleteAYoungerChange() {
        run(t -> t.addTarget(A, 0));
        insert("1", "k");
        settle(1, "k", PENDING, dead(A, T0, "no"));
        purgeAll(false, true);

        assertThat(store.dead(DeliveryFilter.ALL, 0, 10)).isEmpty();
        assertThat(store.counts(A).dead()).isZero();
        assertThat(store.deliveries(1).get(0).state()).isEqualTo(DISCARDED);
        assertThat(find("orders", "1")).hasValue(1);
        purgeAll(true, false);
        assertThat(store.entry(1)).isEmpty();
    }

    @Test
    void aChangeThatMustBeKeptDoesNotBlockDeletion() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 10; i++) {
            insert("" + i, "k" + i);
            settle(i, "k" + i, PENDING, i % 2 == 0 ? waiting(A, 1, T0) : dead(A, T0.plusSeconds(9), "no"));
        }
        insert("11", "k");
        settle(11, "k", PENDING, delivered(A, T0));
        purgeAll(true, false);

        assertThat(changes(null, null, null, 100)).hasSize(10);
        assertThat(purge(true, 1)).isFalse();
        settle(4, "k4", WAITING, delivered(A, T0));
        assertThat(purge(true, 1)).isTrue();
        assertThat(store.entry(4)).isEmpty();
        assertThat(purge(true, 1)).isFalse();
    }

    @Test
    void aTargetRemovedNoLongerHoldsChangesBack() {
        run(t -> {
            t.addTarget(A, 0);
            t.addTarget(B, 0);
        });
        insert("1", "k");
        settle(1, "k", PENDING, delivered(A, T0));
        settle(1, "k", PENDING, waiting(B, 1, T0));
        purgeAll(true, false);
        assertThat(store.entry(1)).isPresent();

        run(t -> t.removeTarget(B));
        purgeAll(true, false);
        assertThat(store.entry(1)).isEmpty();
        assertThat(store.counts(A).pending()).isZero();
    }

    @Test
    void aTargetAddedAfterDeletionCountsOnlyWhatIsLeft() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 3; i++) {
            insert("" + i, "k" + i);
        }
        settle(1, "k1", PENDING, delivered(A, T0));
        settle(2, "k2", PENDING, dead(A, T0, "no"));
        settle(3, "k3", PENDING, delivered(A, T0));
        purgeAll(true, false);
        run(t -> t.addTarget(B, 0));
        assertThat(store.counts(B).pending()).isEqualTo(1);
        assertThat(sequences(store.pending(B, 0, 10, 100_000))).containsExactly(2L);

        settle(2, "k2", DEAD, over(A, DISCARDED));
        purgeAll(true, false);
        assertThat(store.entry(2)).isPresent();
        settle(2, "k2", PENDING, delivered(B, T0));
        purgeAll(true, false);
        assertThat(store.entry(2)).isEmpty();
        assertThat(store.counts(B).pending()).isZero();
        assertThat(store.counts(A).pending()).isZero();
    }

    @Test
    void aStepDeletesNoMoreThanItsLimit() {
        run(t -> t.addTarget(A, 0));
        for (int i = 1; i <= 10; i++) {
            insert("" + i, "k");
            settle(i, "k", PENDING, delivered(A, T0));
        }
        assertThat(purge(true, 3)).isTrue();
        assertThat(changes(null, null, null, 100)).hasSize(7);
        purgeAll(true, false);
        assertThat(changes(null, null, null, 100)).isEmpty();
        assertThat(purge(true, 3)).isFalse();
    }

    @Test
    void sequencesContinueAfterEverythingWasDeletedAndTheStoreReopened() {
        long last = insert("1", "k");
        purgeAll(true, false);
        assertThat(store.entry(last)).isEmpty();
        store.reopen();

        assertThat(store.lastSequence()).isEqualTo(last);
        assertThat(insert("1", "k")).isGreaterThan(last);
    }

    @Test
    void workForAnUnknownTargetIsRefused() {
        insert("1", "k");
        assertThatThrownBy(() -> settle(1, "k", PENDING, delivered(A, T0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("orders/a");
        assertThatThrownBy(() -> run(t -> t.isHeld(A, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run(t -> t.position(A, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.counts(A)).isInstanceOf(StoreException.class);
        assertThat(store.pending(A, 0, 10, 100_000)).isEmpty();
        run(t -> t.removeTarget(A));
    }

    @Test
    void readersWorkWhileATransactionIsOpen() throws Exception {
        insert("1", "k");
        try (Transaction t = store.begin()) {
            t.insert(change("orders", "2", "k"), T0);
            t.entry(1);
            Thread reader = new Thread(() -> assertThat(store.entry(1)).isPresent());
            List<Throwable> thrown = new ArrayList<>();
            reader.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
            reader.start();
            reader.join();
            assertThat(thrown).isEmpty();
            t.commit();
        }
        assertThat(store.lastSequence()).isEqualTo(2);
    }

    @Test
    void theLocationIsOneLine() {
        assertThat(store.location()).isNotBlank().doesNotContain("\n");
    }

    protected final void run(Consumer<Transaction> work) {
        with(t -> {
            work.accept(t);
            return true;
        });
    }

    protected final <T extends @Nullable Object> T with(Function<Transaction, T> work) {
        try (Transaction t = store.begin()) {
            T result = work.apply(t);
            t.commit();
            return result;
        }
    }

    protected final long insert(String id, String key) {
        return with(t -> t.insert(change("orders", id, key), T0));
    }

    protected final OptionalLong find(String flow, String id) {
        return with(t -> t.find(flow, id));
    }

    private static List<Long> newest(Transaction t, String key, int limit) {
        return sequences(t.newest("orders", key, limit));
    }

    /** A step by which what is settled is past its time. */
    protected final boolean purge(boolean settledOver, int limit) {
        return purge(settledOver, false, limit);
    }

    private boolean purge(boolean settledOver, boolean deadOver, int limit) {
        Retention retention =
                new Retention(settledOver ? Duration.ZERO : KEPT.settled(), deadOver ? Duration.ZERO : KEPT.dead());
        return with(t -> t.purge(0, retention, limit, (target, key, sequence) -> {}));
    }

    /** Deletes all that is past its time when the ledger has been open for so long. */
    private void purgeAt(Duration running) {
        boolean more = true;
        while (more) {
            more = with(t -> t.purge(running.toMillis(), KEPT, 2, (target, key, sequence) -> {}));
        }
    }

    protected final void settle(long sequence, String key, DeliveryState from, Delivery delivery) {
        run(t -> t.settle(sequence, hash(key), from, delivery));
    }

    protected final void purgeAll(boolean settledOver, boolean deadOver) {
        int steps = 0;
        while (purge(settledOver, deadOver, 2)) {
            assertThat(++steps).isLessThan(10_000);
        }
    }

    protected final List<Long> changes(@Nullable String flow, @Nullable String key, @Nullable String id, int limit) {
        return sequences(store.changes(new ChangeQuery(flow, key, id, limit)));
    }

    protected static long hash(String key) {
        return Hash.of(key);
    }

    protected static Change change(String flow, String id, String key) {
        return new Change(flow, id, key, null, Operation.UPSERT, "text/plain", Map.of("n", id), body(id));
    }

    protected static Delivery delivered(TargetName target, Instant at) {
        return new Delivery(target, DELIVERED, 1, null, at, 200, null);
    }

    protected static Delivery waiting(TargetName target, int attempts, Instant dueAt) {
        return new Delivery(target, WAITING, attempts, dueAt, null, 503, "busy");
    }

    protected static Delivery parked(TargetName target) {
        return new Delivery(target, PARKED, 0, null, null, null, null);
    }

    protected static Delivery dead(TargetName target, Instant at, String error) {
        return new Delivery(target, DEAD, 2, null, at, 422, error);
    }

    protected static Delivery over(TargetName target, DeliveryState state) {
        return new Delivery(target, state, 0, null, T0, null, null);
    }

    private List<String> dead(DeliveryFilter filter, long after, int limit) {
        return store.dead(filter, after, limit).stream()
                .map(letter -> letter.target().target() + letter.sequence())
                .toList();
    }

    private static List<Long> sequences(List<Entry> entries) {
        return entries.stream().map(Entry::sequence).toList();
    }

    /** Four bytes. */
    private static byte[] body(String id) {
        return ("%4s".formatted(id)).getBytes(StandardCharsets.UTF_8);
    }
}
