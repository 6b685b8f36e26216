package dev.serai.store.sqlite;

import dev.serai.files.OwnerOnly;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A ledger in one SQLite file, with its write-ahead and lock files next to it. */
public final class SqliteDatabase implements Database {
    /** The kind of auto_vacuum with which a file shrinks only when it is told to. */
    static final int INCREMENTAL = 2;
    /** The largest group of changes that one transaction commits, see Limits. */
    private static final int ROOM_BYTES = 8 << 20;

    private static final int READERS_MAX = 4;

    private final Path file;
    private final Migrations migrations = SqliteDialect.migrations();
    private final SqliteDialect dialect = new SqliteDialect();
    private final FreeSpace freeSpace = new FreeSpace();
    private Checkpoint checkpoint = new Checkpoint();
    private @Nullable LockFile lock;

    public SqliteDatabase(Path file) {
        this.file = followed(file.toAbsolutePath().normalize());
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public List<LedgerFinding> prepare() {
        createFolder();
        lock();
        try {
            List.of(lockFile(), file, sibling("-wal"), sibling("-shm")).forEach(OwnerOnly::restrict);
            List<LedgerFinding> damaged = List.of();
            if (Files.exists(file)) {
                damaged = new SqliteCheck(file, migrations).refuseUnlessSound();
            } else {
                create();
            }
            OwnerOnly.tellIfOpen(folder());
            return damaged;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Locks the ledger for this process. Its folder must exist. */
    void lock() {
        LockFile taken = LockFile.take(lockFile());
        try {
            LockFile.refuseIfOpen(file, sibling("-shm"));
            lock = taken;
        } catch (RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    @Override
    public Connection writer(boolean afterFailure) throws SQLException {
        Connection connection = SqliteConnections.writer(file);
        try {
            migrations.apply(connection, SqliteDialect.BEGIN);
            if (afterFailure) {
                Checkpoint.emptyWal(connection);
            }
            checkpoint = new Checkpoint();
            return connection;
        } catch (SQLException e) {
            try (connection) {
                throw e;
            }
        }
    }

    @Override
    public Connection reader() throws SQLException {
        return SqliteConnections.reader(file);
    }

    @Override
    public int readersMax() {
        return READERS_MAX;
    }

    @Override
    public void opened(Session writer) {
        checkpoint.run(writer);
    }

    @Override
    public void beforeTransaction(Session writer, long lastSequence) {
        checkpoint.step(writer);
    }

    @Override
    public long nextSequence(long last) {
        return last + 1;
    }

    @Override
    public void commit(Session writer, long lastSequence) {
        writer.commitAtOnce(COMMON_ROWS);
    }

    @Override
    public DropResult dropExpired(Session writer, long lastSequence, long settledUpTo) {
        return new DropResult(settledUpTo, false);
    }

    @Override
    public boolean giveBack(Session writer) {
        return freeSpace.giveBack(writer);
    }

    @Override
    public Path scratchFolder() {
        return folder();
    }

    @Override
    public boolean isDamage(SQLException e) {
        return e instanceof SQLiteException sqlite
                && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code;
    }

    @Override
    public @Nullable Space space() {
        return LedgerFiles.space(file);
    }

    @Override
    public List<LedgerFinding> backup(Path copy) {
        return LedgerFiles.backup(file, copy);
    }

    @Override
    public void disconnected() {
        Checkpoint.disconnected(file, sibling("-wal"));
    }

    /**
     * Checks that the disk has room for some transactions before the ledger is opened again; throws {@link StoreException} if
     * it has not.
     *
     * <p>It writes a file, because the free space does not reflect quotas. Small commits sometimes succeed on a full disk:
     * without this check the ledger would switch between working and failing.
     */
    @Override
    public void requireWritable() {
        Path room = sibling(".room");
        try {
            try (FileChannel channel = FileChannel.open(
                    room, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer block = ByteBuffer.allocate(1 << 16);
                for (int written = 0; written < ROOM_BYTES; ) {
                    written += channel.write(block.clear());
                }
            } finally {
                Files.deleteIfExists(room);
            }
        } catch (IOException e) {
            throw new StoreException(
                    "there is no room for " + (ROOM_BYTES >> 20) + " MiB next to " + file + " (" + e.getMessage() + ")",
                    e);
        }
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public String wholeName() {
        return name();
    }

    @Override
    public String location() {
        return "the ledger is " + file
                + ": free space on its disk, and give this process's user write access to the file and its folder";
    }

    @Override
    public void close() {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    private void createFolder() {
        Path folder = folder();
        try {
            OwnerOnly.createFolders(folder);
        } catch (FileAlreadyExistsException e) {
            throw new StoreOpenException(
                    OpenProblem.UNWRITABLE,
                    folder + " is a file, but the ledger needs a folder: move it away, or set another one with --data",
                    e);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    private void create() {
        try {
            new NewSqliteFile(file, migrations).create();
        } catch (IOException | SQLException e) {
            throw unwritable(file, e);
        }
    }

    private StoreOpenException unwritable(Path path, Exception cause) {
        return new StoreOpenException(
                OpenProblem.UNWRITABLE, path + " cannot be written (" + why(cause) + "); " + location(), cause);
    }

    private static String why(Exception cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        boolean saysMore = cause instanceof FileSystemException file && file.getReason() != null;
        return saysMore ? String.valueOf(((FileSystemException) cause).getReason()) : cause.toString();
    }

    /** Resolves links, so that every path to the ledger leads to the same lock. */
    private static Path followed(Path file) {
        try {
            return Files.exists(file) ? file.toRealPath() : file;
        } catch (IOException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be read: " + e, e);
        }
    }

    private Path lockFile() {
        String name = file.getFileName().toString();
        return file.resolveSibling((name.endsWith(".db") ? name.substring(0, name.length() - 3) : name) + ".lock");
    }

    private Path sibling(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private Path folder() {
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }
}
