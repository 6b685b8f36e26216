package dev.serai.store.sqlite;

import dev.serai.files.OwnerOnly;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.HistoryReader;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Checks and copies a ledger's file, also while a node has it open.
 *
 * <p>Threads: safe. Throws: {@link StoreException} with what to do.
 */
public final class LedgerFiles {
    private LedgerFiles() {}

    /** The size of its files, and what their disk has free; null if that cannot be read. */
    static @Nullable Space space(Path ledger) {
        try {
            long bytes = 0;
            for (String suffix : List.of("", "-wal", "-shm")) {
                Path file = ledger.resolveSibling(ledger.getFileName() + suffix);
                bytes += Files.exists(file) ? Files.size(file) : 0;
            }
            return new Space(bytes, Files.getFileStore(ledger).getUsableSpace());
        } catch (IOException e) {
            return null;
        }
    }

    /** Everything that is wrong in a ledger, see {@link LedgerCheck}; it is not changed. */
    public static List<LedgerFinding> check(Path ledger) {
        Migrations migrations = SqliteDialect.migrations();
        new SqliteCheck(ledger, migrations).refuseUnlessReadable();
        try (Connection connection = reader(ledger)) {
            return new LedgerCheck(connection, migrations, ledger.toString()).all();
        } catch (SQLException e) {
            throw new StoreOpenException(
                    OpenProblem.DAMAGED, ledger + " cannot be read: " + e.getMessage() + "; restore a backup", e);
        }
    }

    /** What its history tells; a running node is not disturbed. Throws {@link StoreException} if the file is older than it. */
    public static <T> T history(Path ledger, Function<HistoryReads, T> question) {
        try (Session session = new Session(reader(ledger), new SqliteDialect(), ledger.toString())) {
            return question.apply(new HistoryReader(new HistoryReader.Access() {
                @Override
                public <A extends @Nullable Object> A read(Function<Session, A> one) {
                    return one.apply(session);
                }
            }));
        } catch (SQLException e) {
            throw new StoreException(ledger + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Copies a ledger as it is at one moment to a file that must not exist, checks the copy, and syncs it to disk. The writer
     * of a running node is not blocked.
     *
     * @return what is wrong in the copy although SQLite can read it: the ledger itself has the same
     * @throws IllegalArgumentException if the file exists or its folder does not
     */
    public static List<LedgerFinding> backup(Path ledger, Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".tmp");
        if (Files.exists(file)) {
            throw new IllegalArgumentException(file + " exists already: delete it, or name another file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("the folder " + folder + " does not exist: create it first");
        }
        try {
            deleteParts(part);
            copy(ledger, part);
            List<LedgerFinding> findings = check(part);
            if (findings.stream().anyMatch(finding -> finding.sequence() == null && finding.flow() == null)) {
                throw new StoreException(
                        "the copy is damaged: " + findings.get(0).problem()
                                + "; nothing was kept: run serai check --ledger, and look at both disks");
            }
            deleteSidecars(part);
            sync(part, StandardOpenOption.WRITE);
            if (Files.exists(file)) {
                throw new StoreException(file + " was made meanwhile: name another file");
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            sync(folder, StandardOpenOption.READ);
            return findings;
        } catch (IOException | SQLException e) {
            throw new StoreException("the backup to " + file + " failed: " + e.getMessage(), e);
        } finally {
            deleteQuietly(part);
        }
    }

    /** Copies like {@link #backup} a ledger that no node has open, and keeps nodes from opening it meanwhile. */
    public static List<LedgerFinding> backupClosed(Path ledger, Path file) {
        try (SqliteDatabase database = new SqliteDatabase(ledger)) {
            database.lock();
            new SqliteCheck(ledger, SqliteDialect.migrations()).refuseUnlessReadable();
            return backup(ledger, file);
        }
    }

    /**
     * Lets a ledger that lacks its write-ahead file start without what is missing.
     *
     * @return whether it lacked it
     */
    public static boolean accept(Path ledger) {
        try (SqliteDatabase database = new SqliteDatabase(ledger)) {
            database.lock();
            boolean lacks = Checkpoint.lacksWal(ledger, ledger.resolveSibling(ledger.getFileName() + "-wal"));
            if (lacks) {
                Checkpoint.markWhole(ledger);
            }
            return lacks;
        } catch (IOException e) {
            throw new StoreException(ledger + " cannot be changed: " + e, e);
        }
    }

    private static void copy(Path ledger, Path part) throws IOException, SQLException {
        try (Connection connection = reader(ledger);
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("PRAGMA auto_vacuum")) {
                if (rows.getInt(1)
                        != SqliteDatabase.INCREMENTAL) { // else it would be a write, and the copy has it anyway
                    statement.execute("PRAGMA auto_vacuum=" + SqliteDatabase.INCREMENTAL);
                }
            }
            OwnerOnly.createFile(part);
            statement.execute("VACUUM INTO '" + part.toString().replace("'", "''") + "'");
        }
        try (Connection copy = DriverManager.getConnection("jdbc:sqlite:" + part);
                Statement statement = copy.createStatement()) {
            statement.execute("PRAGMA user_version=" + Checkpoint.COPIED);
            // Set here, because a change at the first start would need a rollback journal.
            statement.executeQuery("PRAGMA journal_mode=wal").close();
        }
    }

    private static Connection reader(Path ledger) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5000);
        return config.createConnection("jdbc:sqlite:" + ledger);
    }

    private static void deleteParts(Path part) throws IOException {
        Files.deleteIfExists(part);
        deleteSidecars(part);
    }

    private static void deleteSidecars(Path part) throws IOException {
        for (String suffix : List.of("-wal", "-shm", "-journal")) {
            Files.deleteIfExists(part.resolveSibling(part.getFileName() + suffix));
        }
    }

    private static void deleteQuietly(Path part) {
        try {
            deleteParts(part);
        } catch (IOException e) {
            // The next backup to this file deletes it.
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }
}
