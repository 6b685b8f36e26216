package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.index.ChangeSearch;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.KeyUse;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StandingRead;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.TransactionEnd;
import dev.serai.store.sqlite.SqliteDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in a database, with one connection that writes and a few that read.
 *
 * <p>Opening locks the ledger for this process, checks it for damage, migrates it to this program's version and rebuilds
 * the id index from the end of the log.
 */
public final class JdbcStore extends JdbcReads {
    /** Two generations of this size take about 17 MB. A start reads at most this number of changes again. */
    static final int RUN_CHANGES = 1 << 18;

    private final Database database;
    private final int runChanges;
    private final BodyCipher bodies;
    private final DamageLog damages;
    private volatile @Nullable OpenDatabase open;
    private volatile boolean closed;
    private boolean begun;
    private boolean unknown;

    /** The state between opening and closing. */
    private static final class OpenDatabase {
        final Session writer;
        final ReadConnections readers;
        final IdIndex ids;
        final NumberCache names = new NumberCache();
        final RetentionSweep retention;
        final CauseCounts causes = new CauseCounts();
        volatile long lastSequence;

        OpenDatabase(Session writer, ReadConnections readers, IdIndex ids, Database database, long lastSequence) {
            this.writer = writer;
            this.readers = readers;
            this.ids = ids;
            this.retention = new RetentionSweep(names, ids, database);
            this.lastSequence = lastSequence;
        }
    }

    private JdbcStore(Database database, int runChanges, BodyCipher bodies) {
        this.bodies = bodies;
        this.database = database;
        this.runChanges = runChanges;
        this.damages = new DamageLog(database, InstantSource.system());
    }

    /**
     * Opens the ledger in a SQLite file; creates it if it is missing.
     *
     * @throws StoreOpenException if it is in use, damaged, newer than this program, or cannot be written
     */
    public static JdbcStore open(Path file) {
        return open(file, RUN_CHANGES);
    }

    /** @param runChanges the number of changes in a run of the id index */
    public static JdbcStore open(Path file, int runChanges) {
        return open(file, runChanges, BodyCipher.NONE);
    }

    static JdbcStore open(Path file, int runChanges, BodyCipher bodies) {
        return open(new SqliteDatabase(file), runChanges, bodies);
    }

    /**
     * Opens a ledger or a shard of one; creates it if it is missing. {@link #close} closes the database.
     *
     * @param runChanges the number of changes in a run of the id index
     * @param bodies encrypts and decrypts them
     * @throws StoreOpenException if it is in use, damaged, newer than this program, or cannot be written
     * @throws StoreException if bodies in it are encrypted with a key that is missing
     */
    public static JdbcStore open(Database database, int runChanges, BodyCipher bodies) {
        JdbcStore store = new JdbcStore(database, runChanges, bodies);
        List<LedgerFinding> damaged = store.database.prepare();
        try {
            damaged.forEach(store.damages::note);
            store.connect(false);
            return store;
        } catch (StoreException e) {
            store.database.close();
            throw e;
        }
    }

    @Override
    public Transaction begin() {
        OpenDatabase now = open();
        if (unknown) {
            throw new StoreException("the last commit to " + database.name() + " failed: reopen the ledger first");
        }
        if (begun) {
            throw new IllegalStateException("another transaction is open");
        }
        database.beforeTransaction(now.writer, now.lastSequence);
        now.writer.begin();
        begun = true;
        return new JdbcTransaction(
                database, now.writer, now.ids, now.names, now.retention, damages, now.lastSequence, end(now));
    }

    @Override
    public void reopen() {
        database.requireWritable(); // before disconnecting, so that reads continue if it is not
        disconnect();
        connect(true); // what seems committed must be known to be on disk
    }

    @Override
    public long lastSequence() {
        return open().lastSequence;
    }

    @Override
    public @Nullable String lapse() {
        return database.lapse();
    }

    @Override
    public @Nullable Space space() {
        return database.space();
    }

    @Override
    public List<String> backup(Path file) {
        return database.backup(file).stream().map(LedgerFinding::problem).toList();
    }

    @Override
    public String location() {
        return database.location();
    }

    @Override
    public String database() {
        return database.wholeName();
    }

    @Override
    public void close() {
        closed = true;
        disconnect();
        database.close();
    }

    @Override
    <T extends @Nullable Object> T read(Function<Session, T> question) {
        try {
            return open().readers.read(question);
        } catch (StoreException e) {
            damages.noteUnreadable(e);
            throw e;
        }
    }

    @Override
    public List<CauseCount> causes(TargetName target, DeliveryState state, Instant since) {
        OpenDatabase now = open();
        if (lapse() != null) { // others may write
            return super.causes(target, state, since);
        }
        return read(session -> {
            Integer id = session.first("targetNumber", row -> row.getInt("id"), target.flow(), target.target());
            return id == null
                    ? List.of()
                    : now.causes.of(id, state, since, () -> new StandingRead(session, target).causes(state, since));
        });
    }

    @Override
    ChangeSearch search() {
        return new ChangeSearch(open().ids);
    }

    @Override
    DamageLog damages() {
        return damages;
    }

    private OpenDatabase open() {
        OpenDatabase now = open;
        if (now == null && !closed) {
            throw new StoreAwayException("the ledger " + database.name() + " is being opened again");
        }
        if (now == null) {
            throw new StoreException("the ledger " + database.name() + " is closed");
        }
        return now;
    }

    /** @param afterFailure whether a commit failed before */
    private void connect(boolean afterFailure) {
        Session writer = writer(afterFailure);
        try {
            IdIndex ids = new IdIndex(runChanges, database.scratchFolder());
            writer.begin();
            new KeyUse(writer, bodies, database.name()).check(System.currentTimeMillis());
            ids.load(writer);
            long lastSequence = writer.number("lastSequence");
            writer.commit();
            try {
                database.opened(writer);
            } catch (StoreException e) {
                unknown = true; // for example because the disk is full: the ledger can be read, and the next write
                // reopens it
            }
            open = new OpenDatabase(writer, new ReadConnections(database, bodies), ids, database, lastSequence);
        } catch (StoreException e) {
            closeQuietly(writer);
            database.disconnected();
            throw e;
        }
    }

    private Session writer(boolean afterFailure) {
        try {
            return new Session(database.writer(afterFailure), database.dialect(), database.name(), bodies);
        } catch (SQLException e) {
            database.disconnected();
            String problem = "the ledger " + database.name() + " cannot be opened: " + e.getMessage();
            throw database.dialect().isAway(e) ? new StoreAwayException(problem, e) : new StoreException(problem, e);
        }
    }

    private void disconnect() {
        OpenDatabase now = open;
        open = null;
        begun = false;
        unknown = false;
        if (now != null) {
            closeQuietly(now.readers);
            closeQuietly(now.writer);
            database.disconnected();
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // The database recovers when it is opened again.
        }
    }

    private TransactionEnd end(OpenDatabase now) {
        return new TransactionEnd() {
            @Override
            public void committed(long lastSequence, Set<Integer> failed) {
                now.lastSequence = lastSequence;
                now.causes.changed(failed);
                begun = false;
            }

            @Override
            public void undone() {
                begun = false;
            }

            @Override
            public void unknown() {
                now.causes.stop();
                unknown = true;
            }
        };
    }
}
