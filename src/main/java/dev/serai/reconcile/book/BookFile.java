package dev.serai.reconcile.book;

import dev.serai.files.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SQLite file of a {@link Book} or a {@link BillBook}. What is in it can be made again from the ledger's log and the bills, as
 * far as those are kept, so a file that is damaged or of another version is replaced.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
final class BookFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BookFile.class);
    private static final int VERSION = 1;

    /** Makes the tables of a {@link Book}. */
    static final String BOOK = """
            CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE followed (shard INTEGER PRIMARY KEY, seq INTEGER NOT NULL, change_id TEXT NOT NULL,
                accepted INTEGER NOT NULL);
            CREATE TABLE given (key TEXT PRIMARY KEY, id INTEGER NOT NULL, seq INTEGER NOT NULL, accepted INTEGER NOT NULL,
                finished INTEGER NOT NULL, kind INTEGER NOT NULL, digest BLOB) WITHOUT ROWID;
            CREATE TABLE unsettled (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, accepted INTEGER NOT NULL);
            CREATE TABLE recent (key TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE suspect (key TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE difference (key TEXT PRIMARY KEY, kind TEXT NOT NULL, fields TEXT NOT NULL, accepted INTEGER,
                seq INTEGER NOT NULL, repair TEXT) WITHOUT ROWID;
            CREATE TABLE run (id INTEGER PRIMARY KEY, state TEXT NOT NULL, seen BLOB NOT NULL);
            """;

    private final Path file;
    private final String schema;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private Connection connection;

    /** What is done with a row; returns whether the next one is wanted. */
    @FunctionalInterface
    interface EachRow {
        boolean row(ResultSet row) throws SQLException;
    }

    /** What is done in one transaction. */
    @FunctionalInterface
    interface BookWork<T extends @Nullable Object> {
        T in(BookFile file) throws SQLException;
    }

    /** Makes a value of a row. */
    @FunctionalInterface
    interface RowRead<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** @param schema the statements that make its tables */
    BookFile(Path file, String schema) {
        this.file = file;
        this.schema = schema;
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                OwnerOnly.createFolders(folder);
            }
            this.connection = open();
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of " + file + " cannot be made: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw new BookException(file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private Connection open() throws SQLException, IOException {
        Connection opened = connect();
        try {
            if (version(opened) == VERSION) {
                return opened;
            }
        } catch (SQLException e) {
            LOG.warn("{} cannot be read, so it is made anew: {}", file, e.getMessage());
        }
        opened.close();
        deleteFiles(file);
        Connection fresh = connect();
        try (Statement statement = fresh.createStatement()) {
            for (String sql : schema.split(";", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
            statement.execute("PRAGMA user_version = " + VERSION);
        }
        return fresh;
    }

    private Connection connect() throws SQLException {
        Connection opened = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = opened.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            // What a loss of power takes away is read from the ledger again.
            statement.execute("PRAGMA synchronous = NORMAL");
            statement.execute("PRAGMA cache_size = -32000");
        } catch (SQLException e) {
            // A file that is no database; its version cannot be read either.
            LOG.debug("{} cannot be prepared", file, e);
        }
        return opened;
    }

    private static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static void deleteFiles(Path file) throws IOException {
        for (String ending : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + ending));
        }
    }

    /** Deletes a file that nobody has open, if it is there. */
    static void delete(Path file) {
        try {
            deleteFiles(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    /** The files of books in a folder, without those of bills. */
    static List<Path> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file ->
                            file.toString().endsWith(".db") && !file.toString().endsWith(".bills.db"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Does the work in one transaction. */
    synchronized <T extends @Nullable Object> T write(BookWork<T> work) {
        try {
            connection.setAutoCommit(false);
            try {
                T done = work.in(this);
                connection.commit();
                return done;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new BookException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    synchronized void each(String sql, EachRow each, @Nullable Object... parameters) {
        try {
            PreparedStatement statement = prepared(sql, parameters);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next() && each.row(rows)) {
                    // the next one
                }
            }
        } catch (SQLException e) {
            throw new BookException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    <T> List<T> list(String sql, RowRead<T> read, @Nullable Object... parameters) {
        List<T> found = new ArrayList<>();
        each(sql, row -> found.add(read.of(row)), parameters);
        return found;
    }

    <T> @Nullable T first(String sql, RowRead<T> read, @Nullable Object... parameters) {
        List<T> found = new ArrayList<>();
        each(
                sql,
                row -> {
                    found.add(read.of(row));
                    return false;
                },
                parameters);
        return found.isEmpty() ? null : found.get(0);
    }

    /** The first column of the first row; 0 if there is none. */
    long number(String sql, @Nullable Object... parameters) {
        Long found = first(sql, row -> row.getLong(1), parameters);
        return found == null ? 0 : found;
    }

    synchronized int update(String sql, @Nullable Object... parameters) throws SQLException {
        return prepared(sql, parameters).executeUpdate();
    }

    private PreparedStatement prepared(String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    @Nullable String meta(String name) {
        return first("SELECT value FROM meta WHERE name = ?", row -> row.getString(1), name);
    }

    void meta(String name, @Nullable String value) throws SQLException {
        if (value == null) {
            update("DELETE FROM meta WHERE name = ?", name);
        } else {
            update(
                    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    name,
                    value);
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (PreparedStatement statement : statements.values()) {
                statement.close();
            }
            statements.clear();
            connection.close();
        } catch (SQLException e) {
            LOG.debug("{} was not closed", file, e);
        }
    }
}
