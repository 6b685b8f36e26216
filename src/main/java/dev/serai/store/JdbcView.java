package dev.serai.store;

import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.index.ChangeSearch;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Session;
import dev.serai.store.postgres.PostgresCluster;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A shard that another node may have, to be read. The connections are shared with the views of other shards.
 *
 * <p>Threads: safe.
 */
final class JdbcView extends JdbcReads {
    private final PostgresCluster cluster;
    private final ReadConnections readers;
    private final int shard;
    private final DamageLog damages;

    JdbcView(PostgresCluster cluster, ReadConnections readers, int shard) {
        this.cluster = cluster;
        this.readers = readers;
        this.shard = shard;
        this.damages = new DamageLog(cluster, InstantSource.system());
    }

    @Override
    <T extends @Nullable Object> T read(Function<Session, T> question) {
        return readers.read(session -> {
            session.execute(cluster.pathTo(shard));
            return question.apply(session);
        });
    }

    /** The newest changes are in no table of the index, so it is read from the log for each search. */
    @Override
    public List<Entry> changes(ChangeQuery query) {
        return read(session -> search(session).find(session, query));
    }

    private static ChangeSearch search(Session session) {
        IdIndex ids = new IdIndex(JdbcStore.RUN_CHANGES, null);
        ids.load(session);
        return new ChangeSearch(ids);
    }

    @Override
    ChangeSearch search() {
        throw new UnsupportedOperationException("a view searches within its read");
    }

    @Override
    DamageLog damages() {
        return damages;
    }

    @Override
    public long lastSequence() {
        return read(session -> session.number("lastSequence"));
    }

    @Override
    public @Nullable Space space() {
        return cluster.space(shard);
    }

    @Override
    public @Nullable String lapse() {
        return null;
    }

    @Override
    public Transaction begin() {
        throw new StoreException("shard " + shard + " belongs to another node");
    }

    @Override
    public void reopen() {
        throw new StoreException("shard " + shard + " belongs to another node");
    }

    @Override
    public List<String> backup(Path file) {
        throw new StoreException("a ledger in PostgreSQL is saved with the server's own tools");
    }

    @Override
    public String location() {
        return "the ledger is in " + cluster.name();
    }

    @Override
    public String database() {
        return cluster.name();
    }

    @Override
    public void close() {}
}
