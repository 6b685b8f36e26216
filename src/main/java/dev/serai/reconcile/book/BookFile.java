package dev.serai.reconcile.book;

import dev.serai.files.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SQLite file of a book. What is in it can be made again from the ledger's log and the bills, as far as those are kept, so a file
 * that is damaged or of another version is replaced.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
final class BookFile implements TableSource {
    private static final Logger LOG = LoggerFactory.getLogger(BookFile.class);
    private static final String ENDING = ".db";
    private static final int VERSION = 1;

    private final Path file;

    private BookFile(Path file) {
        this.file = file;
    }

    /** The file of a book in a folder. */
    static Path path(Path folder, String name) {
        return folder.resolve(name + ENDING);
    }

    /** Makes the file if it is missing or cannot be used. @param tables the statements that make its tables unless they are there */
    static BookFile open(Path folder, String name, String tables) {
        BookFile opened = new BookFile(path(folder, name));
        try {
            OwnerOnly.createFolders(folder.toAbsolutePath());
            opened.make(tables);
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of " + opened.file + " cannot be made: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw new BookException(opened.file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private void make(String tables) throws SQLException, IOException {
        try (Connection connection = connect()) {
            if (version(connection) == VERSION) {
                make(connection, tables);
                return;
            }
        } catch (SQLException e) {
            LOG.warn("{} cannot be read, so it is made anew: {}", file, e.getMessage());
        }
        deleteFiles(file);
        try (Connection fresh = connect();
                Statement statement = fresh.createStatement()) {
            make(fresh, tables);
            statement.execute("PRAGMA user_version = " + VERSION);
        }
    }

    private static void make(Connection connection, String tables) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : tables.split(";", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }

    @Override
    public Connection connect() throws SQLException {
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

    @Override
    public boolean hold(Connection connection) {
        return true; // the folder is this node's own
    }

    @Override
    public String keyList() {
        return "json_each(?) j";
    }

    @Override
    public String name() {
        return file.toString();
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

    /** Deletes the file of a book that nobody has open, if it is there. */
    static void delete(Path folder, String name) {
        Path file = path(folder, name);
        try {
            deleteFiles(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    /** The names of the books in a folder. */
    static List<String> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> name.substring(0, name.length() - ENDING.length()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }
}
