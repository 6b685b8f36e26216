package dev.serai.store;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Hash;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Checksum;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StoredHeaders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes that one transaction adds: it writes their rows, and finds them before they are in the id index.
 *
 * <p>Threads: one thread, the writer.
 */
final class AddedChanges {
    private final Session session;
    private final Map<Id, Long> byId = new HashMap<>();
    private final List<Added> added = new ArrayList<>();

    private record Id(String flow, String id) {}

    private record Added(long sequence, long idHash, long keyHash) {}

    AddedChanges(Session session) {
        this.session = session;
    }

    /** Batches the rows of a change. */
    void insert(long sequence, int flow, Change change, Instant acceptedAt) {
        session.batch(
                "insertChange",
                sequence,
                flow,
                change.key(),
                change.id(),
                change.version(),
                Rows.code(change.operation()),
                acceptedAt.toEpochMilli(),
                Checksum.of(sequence, change, acceptedAt));
        BodyCipher.Owner owner = new BodyCipher.Owner(
                change.flow(), change.id(), change.key(), change.version(), Rows.code(change.operation()));
        BodyCipher.Payload payload = session.bodies()
                .sealed(
                        owner,
                        new BodyCipher.Payload(
                                change.contentType(), StoredHeaders.write(change.headers()), change.body()));
        session.batch(
                "insertPayload",
                sequence,
                payload.contentType(),
                payload.headers(),
                payload.body(),
                Checksum.ofPayload(sequence, payload.contentType(), payload.headers(), payload.body()));
        byId.putIfAbsent(new Id(change.flow(), change.id()), sequence);
        added.add(new Added(sequence, Hash.of(change.flow(), change.id()), Hash.of(change.flow(), change.key())));
    }

    /** The sequence of the change with this id, or null if this transaction added none. */
    @Nullable Long find(String flow, String id) {
        return byId.get(new Id(flow, id));
    }

    /** The sequences of a key, newest first. */
    List<Long> ofKey(long keyHash) {
        List<Long> sequences = new ArrayList<>();
        for (Added one : added) {
            if (one.keyHash() == keyHash) {
                sequences.add(0, one.sequence());
            }
        }
        return sequences;
    }

    int size() {
        return added.size();
    }

    /** Enters them into the index, after the commit. */
    void index(IdIndex ids) {
        for (Added one : added) {
            ids.add(one.sequence(), one.idHash(), one.keyHash());
        }
    }
}
