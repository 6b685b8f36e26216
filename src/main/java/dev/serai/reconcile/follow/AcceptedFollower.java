package dev.serai.reconcile.follow;

import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the book of what the flow accepted last of each key, whatever became of its deliveries.
 *
 * <p>Threads: one at a time.
 */
public final class AcceptedFollower extends LogFollower {
    private final String flow;

    public AcceptedFollower(Ledger ledger, String flow, RecordState state, Book book, Clock clock) {
        super(ledger, flow, state, book, clock);
        this.flow = flow;
    }

    @Override
    boolean step(int shard, long after) {
        List<Entry> page = log.accepted(shard, flow, after, CHANGES_MAX, BYTES_MAX);
        noteGap(shard, after, page.isEmpty() ? null : page.get(0));
        if (page.isEmpty()) {
            return false;
        }
        Map<String, Entry> newest = new HashMap<>();
        for (Entry entry : page) {
            Change change = entry.change();
            if (!BrokenRecord.isFrom(change)) { // which has no key of the source
                newest.put(change.key(), entry);
                unwritten.hasVersion(change.key(), change.version());
            }
        }
        newest.values().forEach(one -> unwritten.taken(given(one, one.acceptedAt(), state)));
        unwritten.read(shard, page.size(), page.get(page.size() - 1));
        return true;
    }
}
