package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.dispatch.Backlog;
import dev.serai.ledger.dispatch.InMemory;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.outcome.PendingChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

public class BacklogTest {
    private static final Limits LIMITS = new Limits(9, 9, 9, 9, 4, 10_000, 10_000, 6, 9, 9, 4);
    private final Backlog backlog = new Backlog(LIMITS, LIMITS::windowBytesMax);

    @Test
    void aCommittedChangeIsQueuedAtOnceAfterAllEarlierOnesWereRead() {
        backlog.start(0, 0);
        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        readAll(entry(1));

        assertThat(backlog.takesFromCommit(entry(2), true)).isTrue();
    }

    @Test
    void aChangeThatWasReadBeforeItsNotificationIsNotQueuedTwice() {
        backlog.start(0, 0);
        readAll(entry(1));

        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        assertThat(backlog.takesFromCommit(entry(2), true)).isTrue();
    }

    @Test
    void aChangeCommittedDuringAReadIsReadNext() {
        backlog.start(0, 0);
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        assertThat(backlog.nextRead()).isNull();
        backlog.endRead(read, List.of());

        assertThat(backlog.nextRead()).isNotNull();
    }

    @Test
    void aReadFromBeforeTheStoreWasReopenedIsIgnored() {
        backlog.start(0, 0);
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        backlog.resync();
        backlog.endRead(read, List.of());

        assertThat(backlog.nextRead()).isNotNull();
    }

    @Test
    void aFullWindowQueuesNothingUntilHalfOfItIsFinished() {
        backlog.start(0, 0);
        readAll();
        PendingChange[] items = new PendingChange[5];
        for (int i = 1; i <= 4; i++) {
            assertThat(backlog.takesFromCommit(entry(i), true)).isTrue();
            items[i] = take(entry(i));
        }
        assertThat(backlog.takesFromCommit(entry(5), true)).isFalse();
        assertThat(backlog.nextRead()).isNull();
        backlog.finish(items[2]);
        assertThat(backlog.nextRead()).isNull();
        assertThat(backlog.position()).isZero();
        backlog.finish(items[1]);

        assertThat(backlog.position()).isEqualTo(2);
        assertThat(backlog.nextRead())
                .isEqualTo(new Backlog.Read(4, 2, 10_000 - 2 * entry(3).change().memoryBytes()));
    }

    @Test
    void thePositionStopsBeforeTheFirstUnfinishedChange() {
        backlog.start(7, 7);
        assertThat(backlog.position()).isEqualTo(7);
        PendingChange first = take(entry(10));
        PendingChange second = take(entry(12));
        backlog.finish(second);
        assertThat(backlog.position()).isEqualTo(9);
        backlog.finish(first);

        assertThat(backlog.position()).isEqualTo(12);
    }

    @Test
    void finishedChangesBeyondAnUnfinishedOneAreBoundedToo() {
        InMemory window = new InMemory(LIMITS, LIMITS::windowBytesMax);
        window.add(PendingChange.pending(entry(1), true));
        for (int i = 2; i <= 6; i++) {
            PendingChange item = PendingChange.pending(entry(i), true);
            window.add(item);
            window.finish(item);
        }

        assertThat(window.hasRoom()).isFalse();
        assertThat(window.isLow()).isFalse();
        assertThat(window.roomForChanges()).isEqualTo(3);
    }

    /** 30 targets that were down with 12,000 characters of headers in each change took all memory. */
    @Test
    void headersTakeRoomLikeBodies() {
        backlog.start(0, 0);
        readAll();
        Map<String, String> headers = Map.of("X-Large", "h".repeat(6_000));
        Change large = new Change("f", "1", "k", null, Operation.UPSERT, null, headers, new byte[1]);
        take(new Entry(1, Instant.EPOCH, large));

        assertThat(backlog.takesFromCommit(entry(2), true)).isFalse();
        assertThat(backlog.nextRead()).isNull();
    }

    private void readAll(Entry... entries) {
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        for (Entry entry : entries) {
            take(entry);
        }
        backlog.endRead(read, List.of(entries));
    }

    private PendingChange take(Entry entry) {
        PendingChange item = PendingChange.pending(entry, true);
        backlog.take(item);
        return item;
    }

    public static Entry entry(long sequence) {
        return entry(sequence, "k");
    }

    public static Entry entry(long sequence, String key) {
        return new Entry(
                sequence,
                Instant.EPOCH,
                new Change("f", "" + sequence, key, null, Operation.UPSERT, null, Map.of(), new byte[1]));
    }
}
