package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final Limits LIMITS = new Limits(9, 9, 9, 9, 4, 100, 6, 9, 9);
    private final Backlog backlog = new Backlog(LIMITS);

    @Test
    void whatIsCommittedIsTakenInAtOnceOnceAllBeforeWasRead() {
        backlog.start(0);
        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        readAll(entry(1));

        assertThat(backlog.takesFromCommit(entry(2), true)).isTrue();
    }

    @Test
    void whatAReadSawBeforeItsCommitWasAnnouncedIsNotTakenInTwice() {
        backlog.start(0);
        readAll(entry(1));

        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        assertThat(backlog.takesFromCommit(entry(2), true)).isTrue();
    }

    @Test
    void whatIsCommittedDuringAReadIsReadNext() {
        backlog.start(0);
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        assertThat(backlog.takesFromCommit(entry(1), true)).isFalse();
        assertThat(backlog.nextRead()).isNull();
        backlog.endRead(read, List.of());

        assertThat(backlog.nextRead()).isNotNull();
    }

    @Test
    void afterTheStoreWasOpenedAnewAReadUnderWayIsNotTrusted() {
        backlog.start(0);
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        backlog.resync();
        backlog.endRead(read, List.of());

        assertThat(backlog.nextRead()).isNotNull();
    }

    @Test
    void aFullWindowTakesNothingUntilHalfOfItIsFinished() {
        backlog.start(0);
        readAll();
        Item[] items = new Item[5];
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
        assertThat(backlog.nextRead()).isEqualTo(new Backlog.Read(4, 2, 98));
    }

    @Test
    void thePositionStopsBeforeTheFirstUnfinishedChange() {
        backlog.start(7);
        assertThat(backlog.position()).isEqualTo(7);
        Item first = take(entry(10));
        Item second = take(entry(12));
        backlog.finish(second);
        assertThat(backlog.position()).isEqualTo(9);
        backlog.finish(first);

        assertThat(backlog.position()).isEqualTo(12);
    }

    @Test
    void finishedChangesBeyondAnUnfinishedOneAreBoundedToo() {
        Window window = new Window(LIMITS);
        window.add(Item.pending(entry(1), true));
        for (int i = 2; i <= 6; i++) {
            Item item = Item.pending(entry(i), true);
            window.add(item);
            window.finish(item);
        }

        assertThat(window.hasRoom()).isFalse();
        assertThat(window.isLow()).isFalse();
        assertThat(window.roomForChanges()).isEqualTo(3);
    }

    private void readAll(Entry... entries) {
        Backlog.Read read = Objects.requireNonNull(backlog.nextRead());
        for (Entry entry : entries) {
            take(entry);
        }
        backlog.endRead(read, List.of(entries));
    }

    private Item take(Entry entry) {
        Item item = Item.pending(entry, true);
        backlog.take(item);
        return item;
    }

    static Entry entry(long sequence) {
        return entry(sequence, "k");
    }

    static Entry entry(long sequence, String key) {
        return new Entry(
                sequence,
                Instant.EPOCH,
                new Change("f", "" + sequence, key, null, Operation.UPSERT, null, Map.of(), new byte[1]));
    }
}
