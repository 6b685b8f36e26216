package dev.serai.store;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.ReadSource;
import dev.serai.store.jdbc.Session;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections that only read.
 *
 * <p>Reads must be short: a long one keeps SQLite from truncating its write-ahead file, and PostgreSQL from reusing space.
 *
 * <p>Threads: safe. A read may wait for other reads, never for the writer.
 */
final class ReadConnections implements AutoCloseable {
    private static final long WAIT_SECONDS_MAX = 30;

    private final ReadSource database;
    private final BodyCipher bodies;
    private final Semaphore permits;
    private final Deque<Session> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    ReadConnections(ReadSource database, BodyCipher bodies) {
        this.database = database;
        this.permits = new Semaphore(database.readersMax());
        this.bodies = bodies;
    }

    <T extends @Nullable Object> T read(Function<Session, T> question) {
        acquire();
        Session session = null;
        boolean sound = false;
        try {
            session = session();
            T answer = question.apply(session);
            session.endRead();
            sound = true;
            return answer;
        } catch (StoreAwayException e) {
            closeIdle(); // they are lost, too
            throw e;
        } finally {
            if (session != null) {
                giveBack(session, sound);
            }
            permits.release();
        }
    }

    /** Closes idle connections now, and each busy one when its read ends. */
    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private void closeIdle() {
        for (Session session = idle.poll(); session != null; session = idle.poll()) {
            session.close();
        }
    }

    private void acquire() {
        try {
            if (!permits.tryAcquire(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new StoreException("all " + database.readersMax() + " read connections of " + database.name()
                        + " were busy for " + WAIT_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted before reading " + database.name(), e);
        }
    }

    private Session session() {
        if (closed) {
            throw new StoreException("the ledger " + database.name() + " is closed");
        }
        Session session = idle.poll();
        if (session != null) {
            return session;
        }
        try {
            return new Session(database.reader(), database.dialect(), database.name(), bodies);
        } catch (SQLException e) {
            String problem = "the ledger " + database.name() + " cannot be read: " + e.getMessage();
            throw database.dialect().isAway(e) ? new StoreAwayException(problem, e) : new StoreException(problem, e);
        }
    }

    private void giveBack(Session session, boolean sound) {
        if (!sound) {
            session.close();
            return;
        }
        idle.push(session);
        if (closed) {
            close();
        }
    }
}
