package dev.serai.reconcile.follow;

import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        List<Given> given = new ArrayList<>();
        List<Map.Entry<String, @Nullable String>> versions = new ArrayList<>();
        for (Entry entry : page) {
            if (!BrokenRecord.isFrom(entry.change())) { // which has no key of the source
                given.add(given(entry, entry.acceptedAt(), state));
                versions.add(new AbstractMap.SimpleEntry<>(
                        entry.change().key(), entry.change().version()));
            }
        }
        book.source().accepted(versions);
        book.follow(shard, upTo(page.get(page.size() - 1)), given, List.of());
        return true;
    }
}
