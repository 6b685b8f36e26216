package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.state.RecordState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares one key exactly: with the last state that the target took, and only while no change of the key is on its way.
 *
 * <p>Threads: safe.
 */
final class KeyCheck {
    /** How many of the newest changes of a key are looked at. */
    private static final int CHANGES_MAX = 20;

    private final Ledger ledger;
    private final ReconcileFile file;
    private final Book book;

    /**
     * @param fields in which the states differ, as far as that is known
     * @param given what the target took last; null if nothing is known of it
     */
    record KeyVerdict(
            KeyFinding verdict,
            List<String> fields,
            @Nullable Given given) {
        static KeyVerdict of(KeyFinding verdict, @Nullable Given given) {
            return new KeyVerdict(verdict, List.of(), given);
        }
    }

    /** A change that the target took. */
    private record TakenChange(Entry entry, Delivery delivery) {
        Instant at() {
            Instant finished = delivery.finishedAt();
            return finished == null ? entry.acceptedAt() : finished;
        }
    }

    KeyCheck(Ledger ledger, ReconcileFile file, Book book) {
        this.ledger = ledger;
        this.file = file;
        this.book = book;
    }

    /**
     * Compares a key.
     *
     * @param record what the target has; null if it has none
     * @param readAt a time before which the read did not begin
     */
    KeyVerdict verdict(String key, @Nullable JsonNode record, Instant readAt) {
        List<TakenChange> taken = new ArrayList<>();
        for (Entry entry : ledger.changes(new ChangeQuery(file.target().flow(), key, null, CHANGES_MAX))) {
            Optional<Delivery> delivery = delivery(entry);
            if (delivery.isPresent() && !delivery.get().state().isSettled()) {
                return KeyVerdict.of(KeyFinding.PENDING, known(key));
            }
            if (delivery.isPresent() && delivery.get().state() == DeliveryState.DELIVERED) {
                taken.add(new TakenChange(entry, delivery.get()));
            }
        }
        // By time, since a dead letter may have been replayed after a newer change.
        taken.sort(Comparator.comparing(TakenChange::at)
                .thenComparing(one -> one.entry().sequence())
                .reversed());
        if (!taken.isEmpty() && taken.get(0).at().plus(file.lag()).isAfter(readAt)) {
            return KeyVerdict.of(KeyFinding.PENDING, known(key));
        }
        try {
            return compare(key, record, taken);
        } catch (PullException e) {
            return KeyVerdict.of(KeyFinding.UNKNOWN, known(key));
        }
    }

    /** Whether the newest change of the key is not settled. */
    boolean isOnItsWay(String key) {
        return newest(key).stream().anyMatch(entry -> delivery(entry).stream()
                .anyMatch(one -> !one.state().isSettled()));
    }

    private List<Entry> newest(String key) {
        return ledger.changes(new ChangeQuery(file.target().flow(), key, null, 1));
    }

    private Optional<Delivery> delivery(Entry entry) {
        return ledger.search().delivery(file.target(), entry.sequence());
    }

    private @Nullable Given known(String key) {
        return book.find(List.of(key)).get(key);
    }

    private @Nullable Entry withBody(Entry entry) {
        return ledger.change(file.target().flow(), entry.sequence()).orElse(null);
    }

    private KeyVerdict compare(String key, @Nullable JsonNode record, List<TakenChange> taken) throws PullException {
        Entry last = taken.isEmpty() ? null : withBody(taken.get(0).entry());
        Given given = last == null
                ? known(key)
                : BookFollower.given(last, taken.get(0).delivery(), file.given());
        boolean isThere = record != null && !file.access().isDeleted(record);
        if (record == null || !isThere) {
            boolean shouldBe = given != null && given.kind() != GivenKind.DELETED;
            return KeyVerdict.of(shouldBe ? KeyFinding.MISSING : KeyFinding.EQUAL, given);
        }
        if (given == null) {
            return KeyVerdict.of(book.gap().isNone() ? KeyFinding.EXTRA : KeyFinding.UNKNOWN, null);
        }
        JsonNode state = file.found().of(record);
        if (given.kind() == GivenKind.DELETED) {
            return KeyVerdict.of(KeyFinding.STALE, given);
        }
        if (given.kind() == GivenKind.UNREADABLE || state == null) {
            return KeyVerdict.of(KeyFinding.UNKNOWN, given);
        }
        byte[] digest = RecordState.digest(state);
        if (Arrays.equals(digest, given.digest())) {
            return KeyVerdict.of(KeyFinding.EQUAL, given);
        }
        JsonNode expected =
                last == null ? null : file.given().ofBody(last.change().body());
        List<String> fields = expected == null ? List.of() : RecordState.differences(expected, state);
        return new KeyVerdict(wasTaken(taken, digest) ? KeyFinding.STALE : KeyFinding.DIFFERS, fields, given);
    }

    /** Whether the target took a state with this digest before. */
    private boolean wasTaken(List<TakenChange> taken, byte[] digest) {
        for (TakenChange one : taken.subList(Math.min(1, taken.size()), taken.size())) {
            Entry entry = withBody(one.entry());
            JsonNode state =
                    entry == null ? null : file.given().ofBody(entry.change().body());
            if (state != null && Arrays.equals(RecordState.digest(state), digest)) {
                return true;
            }
        }
        return false;
    }
}
