package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Receipt;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records the changes that a simulation's ledger accepted. */
final class Journal {
    private final NavigableMap<Long, Entry> durable = new TreeMap<>();
    private final Map<String, Long> sequenceOfId = new HashMap<>();
    private final Map<String, NavigableSet<Long>> sequencesOfKey = new HashMap<>();
    private final Map<String, Receipt> acknowledged = new HashMap<>();

    void durable(Entry entry) {
        Change change = entry.change();
        assertThat(durable).as("sequences are new").doesNotContainKey(entry.sequence());
        assertThat(sequenceOfId.put(id(change), entry.sequence()))
                .as("%s was stored before", change.id())
                .isNull();
        Entry last = newest(change);
        if (change.idComputed() && last != null) {
            assertThat(change.difference(last.change()))
                    .as("%s of %s does not follow itself", change.id(), change.key())
                    .isNotNull();
        }
        durable.put(entry.sequence(), entry);
        sequencesOfKey.computeIfAbsent(key(change), key -> new TreeSet<>()).add(entry.sequence());
    }

    boolean isDurable(String flow, String id) {
        return sequenceOfId.containsKey(flow + '/' + id);
    }

    boolean isAcknowledged(Change change) {
        return acknowledged.containsKey(id(change));
    }

    void acknowledged(Change change, Receipt receipt, boolean before) {
        Entry entry = Objects.requireNonNull(durable.get(receipt.sequence()), "acknowledged before it was durable");
        assertThat(entry.change().id()).isEqualTo(change.id());
        assertThat(entry.change().body()).as("body of %s", change.id()).isEqualTo(change.body());
        if (before) {
            assertThat(receipt.duplicate()).as("%s is a duplicate", change.id()).isTrue();
        }
        Receipt first = acknowledged.putIfAbsent(id(change), receipt);
        if (first != null) {
            assertThat(receipt.sequence()).as("sequence of %s", change.id()).isEqualTo(first.sequence());
        }
    }

    void acknowledgedState(Change change, Receipt receipt) {
        Entry entry = entry(receipt.sequence());
        assertThat(receipt.id()).isEqualTo(entry.change().id());
        assertThat(change.difference(entry.change()))
                .as("what differs in %s", receipt)
                .isNull();
    }

    /** The change says what the newest of its key says. */
    void isNewest(Change change) {
        Entry last = Objects.requireNonNull(newest(change));
        assertThat(change.difference(last.change()))
                .as(
                        "what differs between %s and the newest, %s",
                        change.id(), last.change().id())
                .isNull();
    }

    /** How many changes its key has. */
    int count(Change change) {
        return sequencesOfKey.getOrDefault(key(change), new TreeSet<>()).size();
    }

    private @Nullable Entry newest(Change change) {
        NavigableSet<Long> all = sequencesOfKey.get(key(change));
        return all == null ? null : durable.get(all.last());
    }

    private static String key(Change change) {
        return change.flow() + '/' + change.key();
    }

    void refused(Change change) {
        Long sequence = sequenceOfId.get(id(change));
        assertThat(sequence).as("what %s conflicts with", change.id()).isNotNull();
        assertThat(entry(Objects.requireNonNull(sequence)).change().body()).isNotEqualTo(change.body());
    }

    Entry entry(long sequence) {
        return Objects.requireNonNull(durable.get(sequence), "never accepted: " + sequence);
    }

    /** All accepted changes, by sequence. */
    NavigableMap<Long, Entry> all() {
        return durable;
    }

    /** The earlier changes of the same key that are after {@code from}. */
    NavigableSet<Long> before(Entry entry, long from) {
        Change change = entry.change();
        NavigableSet<Long> all = Objects.requireNonNull(sequencesOfKey.get(key(change)));
        return from >= entry.sequence() ? new TreeSet<>() : all.subSet(from, false, entry.sequence(), false);
    }

    /** Whether a later change has the same key. */
    boolean isFollowed(long sequence) {
        Change change = entry(sequence).change();
        return Objects.requireNonNull(sequencesOfKey.get(key(change))).last() > sequence;
    }

    private static String id(Change change) {
        return change.flow() + '/' + change.id();
    }
}
