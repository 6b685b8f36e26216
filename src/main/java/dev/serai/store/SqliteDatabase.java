package dev.serai.store;

import dev.serai.files.OwnerOnly;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A ledger in one SQLite file, with its write-ahead and lock files next to it. */
final class SqliteDatabase implements AutoCloseable {
    private static final int PAGE_BYTES = 8192;
    /** The kind of auto_vacuum with which a file shrinks only when it is told to. */
    static final int INCREMENTAL = 2;
    /** The largest group of changes that one transaction commits, see Limits. */
    private static final int ROOM_BYTES = 8 << 20;

    private final Path file;
    private final Migrations migrations;
    private @Nullable LockFile lock;

    SqliteDatabase(Path file, Migrations migrations) {
        this.file = followed(file.toAbsolutePath().normalize());
        this.migrations = migrations;
    }

    /**
     * Locks the ledger for this process, creates it if it is missing, and checks it for damage.
     *
     * @return what is damaged in a ledger that can be used all the same
     * @throws StoreOpenException if it cannot be used; its file is then unchanged
     */
    List<LedgerFinding> prepare() {
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

    /** Call after the last connection was closed. */
    void disconnected() {
        Checkpoint.disconnected(file, sibling("-wal"));
    }

    /** A new connection that may write, in auto-commit mode. */
    Connection writer() throws SQLException {
        Map<String, String> pragmas = pragmas();
        pragmas.put("journal_size_limit", "67108864");
        pragmas.put("wal_autocheckpoint", "0"); // see Checkpoint
        pragmas.put("cache_size", "-65536");
        return open(file, pragmas);
    }

    /** A new connection that only reads. */
    Connection reader() throws SQLException {
        Map<String, String> pragmas = pragmas();
        pragmas.put("cache_size", "-8192");
        pragmas.put("query_only", "1");
        return open(file, pragmas);
    }

    /**
     * Checks that the disk has room for some transactions before the ledger is opened again; throws {@link StoreException} if
     * it has not.
     *
     * <p>It writes a file, because the free space does not reflect quotas. Small commits sometimes succeed on a full disk:
     * without this check the ledger would switch between working and failing.
     */
    void requireRoom() {
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

    /**
     * The statement that starts a write transaction. It is immediate, because a deferred transaction that reads before it
     * writes can fail at once, whatever the busy timeout.
     */
    String begin() {
        return "BEGIN IMMEDIATE";
    }

    Path file() {
        return file;
    }

    /** Names the database in errors. */
    String name() {
        return file.toString();
    }

    /** See {@link dev.serai.ledger.model.Store#location}. */
    String location() {
        return "the ledger is " + file
                + ": free space on its disk, and give this process's user write access to the file and its folder";
    }

    /** Releases the ledger for other processes. */
    @Override
    public void close() {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    private static Map<String, String> pragmas() {
        Map<String, String> pragmas = new LinkedHashMap<>();
        pragmas.put("busy_timeout", "5000");
        pragmas.put("journal_mode", "wal");
        pragmas.put("synchronous", "2");
        pragmas.put("foreign_keys", "1");
        pragmas.put("cell_size_check", "1");
        pragmas.put("mmap_size", "0");
        return pragmas;
    }

    private static Connection open(Path file, Map<String, String> pragmas) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> pragma : pragmas.entrySet()) {
                statement.execute("PRAGMA " + pragma.getKey() + "=" + pragma.getValue());
                requireSet(statement, pragma.getKey(), pragma.getValue());
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Durability depends on these settings, and SQLite ignores unknown ones silently. */
    private static void requireSet(Statement statement, String pragma, String wanted) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
            String value = rows.next() ? rows.getString(1) : "nothing";
            if (!wanted.equals(value)) {
                throw new SQLException("SQLite reports " + pragma + "=" + value + " after it was set to " + wanted);
            }
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

    /** Creates the file under another name and renames it when it is complete, so that a crash leaves no partial ledger. */
    private void create() {
        Path wal = sibling("-wal");
        Path made = sibling(".new");
        try {
            if (Files.exists(wal) && Files.size(wal) > 0) {
                throw new StoreOpenException(
                        OpenProblem.DAMAGED,
                        file + " is missing but its write-ahead file " + wal.getFileName()
                                + " exists; put the file back, restore a backup, or move the write-ahead file away");
            }
            Files.deleteIfExists(wal);
            Files.deleteIfExists(sibling("-shm"));
            Files.deleteIfExists(made);
            Files.deleteIfExists(sibling(".new-journal"));
            Files.deleteIfExists(sibling(".new-wal"));
            Files.deleteIfExists(sibling(".new-shm"));
            OwnerOnly.createFile(made);
            fill(made);
            sync(made, StandardOpenOption.WRITE);
            move(made);
            sync(folder(), StandardOpenOption.READ);
        } catch (IOException | SQLException e) {
            throw unwritable(file, e);
        }
    }

    private void fill(Path made) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + made);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=" + PAGE_BYTES);
            statement.execute("PRAGMA auto_vacuum=" + INCREMENTAL); // see FreeSpace
            statement.execute("PRAGMA synchronous=2");
            // Set here, because a change at the first start would need a rollback journal.
            statement.executeQuery("PRAGMA journal_mode=wal").close();
            migrations.apply(connection, begin());
        }
    }

    private void move(Path made) throws IOException {
        try {
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(made, file);
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
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
