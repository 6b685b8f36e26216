package dev.serai.store.sqlite;

import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Checks an existing file before anything is written to it.
 *
 * <p>It compares the header with the file's length (<a href="https://www.sqlite.org/fileformat2.html">file format</a>). Then
 * it checks small files whole (see {@link LedgerCheck}), runs SQLite's quick check on files up to a size where that takes about
 * a second, and reads only the first and last rows of every table of bigger files.
 */
final class SqliteCheck {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 100;
    /** A ledger of this size is checked whole in about 0.1 s of processor time. */
    private static final long WHOLE_CHECK_BYTES_MAX = 8L << 20;

    private static final long QUICK_CHECK_BYTES_MAX = 256L << 20;
    private static final List<String> SMALL_TABLES = List.of("flow", "target", "cursor", "unchecked", "last_purged");

    private final Path file;
    private final Migrations migrations;

    SqliteCheck(Path file, Migrations migrations) {
        this.file = file;
        this.migrations = migrations;
    }

    /** Checks what can be checked without opening the file, which another process may have open. */
    void refuseUnlessReadable() {
        try {
            checkHeader();
            checkWal();
        } catch (NoSuchFileException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, "there is no ledger at " + file, e);
        } catch (IOException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be read: " + e, e);
        }
    }

    /** Returns what is damaged in a ledger that can be used all the same; empty also if it is too big to find that out. */
    List<LedgerFinding> refuseUnlessSound() {
        try {
            if (!Files.isWritable(file) || !Files.isWritable(file.resolveSibling("."))) {
                throw new StoreOpenException(
                        OpenProblem.UNWRITABLE,
                        file + " or its folder cannot be written; give this process's user write access to both");
            }
            rollBack();
            checkHeader();
            checkWal();
            List<LedgerFinding> damaged = checkContent();
            Checkpoint.use(file);
            return damaged;
        } catch (IOException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be read: " + e, e);
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    /** Lets SQLite roll back a write that a crash interrupted before the ledger had a write-ahead file. */
    private void rollBack() throws SQLException {
        if (Files.exists(file.resolveSibling(file.getFileName() + "-journal"))) {
            try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + file);
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT COUNT(*) FROM sqlite_master");
            }
        }
    }

    private void checkHeader() throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            in.readFully(header);
        } catch (EOFException e) {
            throw damaged("it has only " + Files.size(file) + " bytes");
        }
        if (!Arrays.equals(MAGIC, Arrays.copyOf(header, MAGIC.length))) {
            throw damaged("it is not a SQLite file");
        }
        int stored = ByteBuffer.wrap(header).getShort(16) & 0xffff;
        long pageBytes = stored == 1 ? 65536 : stored;
        long pages = ByteBuffer.wrap(header).getInt(28) & 0xffffffffL;
        // The missing pages may be in the write-ahead file; SQLite's own check reads both.
        if (!hasWal() && Files.size(file) < pages * pageBytes) {
            throw damaged("it is truncated: it has " + Files.size(file) + " of " + pages * pageBytes + " bytes");
        }
    }

    private List<LedgerFinding> checkContent() throws SQLException, IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5000);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA cell_size_check=1");
            int version = migrations.version(connection);
            if (version == 0) {
                throw damaged("it does not contain a ledger");
            }
            if (version > migrations.newest()) {
                throw new StoreOpenException(
                        OpenProblem.NEWER,
                        file + " was written by a newer program (its version is " + version
                                + ", this program reads up to " + migrations.newest()
                                + "); it was not changed: run the newer program");
            }
            long bytes = Files.size(file);
            if (bytes <= WHOLE_CHECK_BYTES_MAX) {
                check(statement, "integrity_check(1)");
                return version == migrations.newest()
                        ? new LedgerCheck(connection, migrations, file.toString()).content()
                        : List.of();
            }
            for (String table : SMALL_TABLES) {
                check(statement, "integrity_check('" + table + "')");
            }
            if (bytes <= QUICK_CHECK_BYTES_MAX) {
                check(statement, "quick_check(1)");
            } else {
                touchEdges(statement);
            }
            return List.of();
        }
    }

    private void check(Statement statement, String pragma) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
            String result = rows.next() ? rows.getString(1) : "no answer";
            if (!"ok".equals(result)) {
                throw damaged(result);
            }
        }
    }

    private static void touchEdges(Statement statement) throws SQLException {
        for (String edge : new String[] {
            "SELECT COUNT(*) FROM flow",
            "SELECT COUNT(*) FROM target",
            "SELECT COUNT(*) FROM cursor",
            "SELECT MIN(seq) FROM change",
            "SELECT MAX(seq) FROM change",
            "SELECT body FROM payload ORDER BY seq LIMIT 1",
            "SELECT body FROM payload ORDER BY seq DESC LIMIT 100",
            "SELECT MIN(flow) FROM change",
            "SELECT MAX(flow) FROM change",
            "SELECT MIN(target) FROM delivery",
            "SELECT MAX(target) FROM delivery",
            "SELECT MIN(run) FROM run_page",
            "SELECT MAX(run) FROM run_page"
        }) {
            try (ResultSet rows = statement.executeQuery(edge)) {
                while (rows.next()) {
                    rows.getObject(1);
                }
            }
        }
    }

    private void checkWal() throws IOException {
        if (Checkpoint.lacksWal(file, wal())) {
            throw lacksWal();
        }
        if (Checkpoint.hasForeignWal(file, wal())) {
            throw new StoreOpenException(
                    OpenProblem.DAMAGED,
                    file + " is a backup, and " + wal().getFileName()
                            + " beside it is of the ledger that was there before, so it"
                            + " would alter the backup; nothing was changed: move " + wal().getFileName()
                            + " away, and the file that ends in -shm");
        }
        String problem = WalCheck.problem(wal());
        if (problem != null) {
            throw damaged(problem);
        }
    }

    private boolean hasWal() throws IOException {
        return Files.exists(wal()) && Files.size(wal()) > 0;
    }

    private Path wal() {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    private StoreOpenException refused(SQLException e) {
        SQLiteErrorCode code =
                e instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
        return switch (code) {
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY ->
                new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be opened: " + e.getMessage(), e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new StoreOpenException(
                        OpenProblem.LOCKED, file + " is in use by another program: " + e.getMessage(), e);
            default -> damaged(String.valueOf(e.getMessage()));
        };
    }

    private StoreOpenException lacksWal() {
        return new StoreOpenException(
                OpenProblem.DAMAGED,
                file + " was copied without its write-ahead file " + wal().getFileName()
                        + ", or that file was deleted: changes are missing; it was not changed: put the file back, or restore a"
                        + " copy made with serai backup; to go on without what is missing, run serai check --ledger --accept");
    }

    private StoreOpenException damaged(String what) {
        return new StoreOpenException(
                OpenProblem.DAMAGED,
                file + " is damaged: " + what
                        + "; it was not changed: restore a backup, or move it away with its -wal file");
    }
}
