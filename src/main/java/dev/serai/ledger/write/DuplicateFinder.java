package dev.serai.ledger.write;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.model.VersionOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which changes of one write the ledger has already, and under which ids the others are stored.
 *
 * <p>An id that the source gives stands for one change: the same change again is a duplicate, another one a conflict. A
 * computed id says only what a change is, so it is a duplicate of the key's newest state alone: a state that returns is a new
 * change. Two kinds of repeats are told from that: one with an older version than the newest state has, and a list whose
 * states of a key are, in this order, the newest ones of that key.
 *
 * <p>Most changes are new, and for those the only question to the store is one look for the id.
 */
final class DuplicateFinder {
    /** In the place of a sequence: an earlier change of this write has the id. */
    private static final long EARLIER = -1;
    /** Between a computed id and the sequence of the change that the returned state follows. */
    private static final char RETURN = '~';

    /**
     * Whether a change is new or a duplicate.
     *
     * @param id under which it is stored
     * @param sequence of the change that it repeats, or 0 if it is new
     */
    record Match(String id, long sequence) {}

    private record Name(String flow, String name) {}

    private final Transaction transaction;
    private final List<Change> changes;
    /** By position: the sequence under the change's id, 0 if there is none, or {@link #EARLIER}. */
    private final long[] known;
    /** By position, where a whole list is repeated. */
    private final @Nullable Match[] repeated;

    DuplicateFinder(Transaction transaction, List<Change> changes) {
        this.transaction = transaction;
        this.changes = changes;
        this.known = new long[changes.size()];
        this.repeated = new Match[changes.size()];
    }

    /** Looks at all changes, before any is written; returns the first conflict. */
    LedgerException.@Nullable Conflict findConflict() {
        Map<Name, Change> first = new HashMap<>();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            Change twin = changes.size() == 1 ? null : first.putIfAbsent(new Name(change.flow(), change.id()), change);
            known[i] = twin != null
                    ? EARLIER
                    : transaction.find(change.flow(), change.id()).orElse(0);
            if (twin == null && known[i] != 0 && !change.idComputed()) {
                Entry entry = transaction.entry(known[i]);
                // A damaged one cannot be compared: the change is known by its id.
                twin = entry == null || entry.damage() != null ? null : entry.change();
            }
            String difference = twin == null || change.idComputed() ? null : change.difference(twin);
            if (difference != null) {
                return new LedgerException.Conflict(change.flow(), change.id(), difference);
            }
        }
        findRepeatedLists();
        return null;
    }

    /** Whether the change at a position is new, once those before it are written. */
    Match match(int position) {
        Change change = changes.get(position);
        Match again = repeated[position];
        if (again != null) {
            return again;
        }
        long same = known[position] == EARLIER
                ? transaction.find(change.flow(), change.id()).orElse(0)
                : known[position];
        return same == 0 || !change.idComputed() ? new Match(change.id(), same) : matchComputed(change, same);
    }

    private Match matchComputed(Change change, long same) {
        List<Entry> newest = transaction.newest(change.flow(), change.key(), 1);
        Entry last = newest.isEmpty() ? null : newest.get(0);
        if (last != null && isOlder(change, last.change())) {
            if (isSame(change, same)) {
                return new Match(change.id(), same);
            }
        } else if (last != null && isSame(change, last.sequence())) {
            return new Match(last.change().id(), last.sequence());
        }
        long follows = last == null ? same : last.sequence();
        String id = change.id() + RETURN + follows;
        while (transaction.find(change.flow(), id).isPresent()) {
            id = change.id() + RETURN + ++follows;
        }
        return new Match(id, 0);
    }

    private static boolean isOlder(Change change, Change last) {
        String version = change.version();
        String newest = last.version();
        return version != null && newest != null && VersionOrder.compare(version, newest) < 0;
    }

    /** Looks at the change itself: equal hashes do not prove that it says the same. */
    private boolean isSame(Change change, long sequence) {
        Entry entry = transaction.entry(sequence);
        return entry != null && entry.damage() == null && change.difference(entry.change()) == null;
    }

    private void findRepeatedLists() {
        for (List<Integer> positions : knownStates().values()) {
            if (positions.size() > 1) {
                findRepeatedList(positions);
            }
        }
    }

    /** By key, the positions of states that are known, in order, up to the first that is not. */
    private Map<Name, List<Integer>> knownStates() {
        Map<Name, List<Integer>> states = new HashMap<>();
        Set<Name> ended = new HashSet<>();
        for (int i = 0; changes.size() > 1 && i < changes.size(); i++) {
            Change change = changes.get(i);
            Name key = new Name(change.flow(), change.key());
            if (!change.idComputed() || known[i] == 0) {
                ended.add(key);
            } else if (!ended.contains(key)) {
                states.computeIfAbsent(key, none -> new ArrayList<>()).add(i);
            }
        }
        return states;
    }

    private void findRepeatedList(List<Integer> positions) {
        Change one = changes.get(positions.get(0));
        List<Entry> newest = transaction.newest(one.flow(), one.key(), positions.size());
        Match[] matches = new Match[positions.size()];
        int back = 0;
        for (int i = positions.size() - 1; i >= 0; i--) {
            Change change = changes.get(positions.get(i));
            boolean sameAsNext = i + 1 < positions.size()
                    && change.id().equals(changes.get(positions.get(i + 1)).id());
            if (!sameAsNext
                    && (back == newest.size()
                            || !isSame(change, newest.get(back++).sequence()))) {
                return;
            }
            Entry stored = newest.get(back - 1);
            matches[i] = new Match(stored.change().id(), stored.sequence());
        }
        for (int i = 0; i < matches.length; i++) {
            repeated[positions.get(i)] = matches[i];
        }
    }
}
