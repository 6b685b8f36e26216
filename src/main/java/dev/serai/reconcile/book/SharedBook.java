package dev.serai.reconcile.book;

import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.cluster.SideTables.OpenTables;
import dev.serai.ledger.model.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables of a book in the database that the nodes of a ledger share.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
final class SharedBook implements TableSource {
    private static final String PREFIX = "book:";

    private final OpenTables tables;
    private final String name;

    private SharedBook(OpenTables tables, String name) {
        this.tables = tables;
        this.name = name;
    }

    /** Makes the tables if they are missing. @param tables the statements that do so, as SQLite reads them */
    static SharedBook open(SideTables side, String name, String tables) {
        try {
            return new SharedBook(side.open(PREFIX + name, postgres(tables)), name);
        } catch (StoreException e) {
            throw new BookException("the book " + name + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Texts are ordered by their characters in both databases. */
    private static String postgres(String tables) {
        return tables.replace(" WITHOUT ROWID", "")
                .replace(" INTEGER", " BIGINT")
                .replace(" BLOB", " BYTEA")
                .replace(" TEXT", " TEXT COLLATE \"C\"");
    }

    static List<String> in(SideTables side) {
        try {
            return side.names(PREFIX).stream()
                    .map(name -> name.substring(PREFIX.length()))
                    .toList();
        } catch (StoreException e) {
            throw new BookException("the books cannot be listed: " + e.getMessage(), e);
        }
    }

    static void delete(SideTables side, String name) {
        try {
            side.drop(PREFIX + name);
        } catch (StoreException e) {
            throw new BookException("the book " + name + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    @Override
    public Connection connect() throws SQLException {
        return tables.connect();
    }

    @Override
    public boolean hold(Connection connection) throws SQLException {
        return tables.hold(connection);
    }

    @Override
    public String keyList() {
        return "json_array_elements_text(CAST(? AS json)) AS j(value)";
    }

    @Override
    public String name() {
        return "the book " + name;
    }
}
