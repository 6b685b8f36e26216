package dev.serai.ledger.cluster;

import dev.serai.ledger.model.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tables beside the log, in the database that the nodes of a ledger share. A part of a node that keeps something has a set of tables
 * by a name of its own. One node at a time can write to a set: the one that opened it last.
 *
 * <p>Threads: safe; calls may block.  <p>Throws: {@link StoreException} if the database cannot be asked.
 */
public interface SideTables {

    /** An open set. */
    interface OpenTables {
        /** Another connection to it, in auto-commit mode, which finds the tables by their names alone. */
        Connection connect() throws SQLException;

        /**
         * Keeps other nodes from opening the set until the transaction of this connection ends; false if one has opened it before, so
         * that this node must not write any more.
         */
        boolean hold(Connection connection) throws SQLException;
    }

    /**
     * Opens a set. From then on nobody can write who opened it before.
     *
     * @param tables the statements that make its tables, unless they are there, separated by semicolons
     */
    OpenTables open(String name, String tables);

    /** The names of the sets that begin with this, in their order. */
    List<String> names(String prefix);

    /** Deletes a set, if it is there. */
    void drop(String name);

    /** A short text that all nodes share; null if it was never set. */
    @Nullable String text(String name);

    /**
     * Changes a text. Of two that change it in the same moment, one gets what the other has made of it.
     *
     * @param change is given null if it was never set; what it throws is thrown, and then nothing is changed
     */
    void changeText(String name, Function<@Nullable String, String> change);
}
