package dev.serai.reconcile.book;

import java.sql.Connection;
import java.sql.SQLException;

/** Where the tables of an open book are. Threads: safe. */
interface TableSource {
    /** Another connection to them, in auto-commit mode. */
    Connection connect() throws SQLException;

    /** Makes sure that no other node opens the book until the transaction ends; false if one has, so that this one must not write. */
    boolean hold(Connection connection) throws SQLException;

    /** What to select from to get the keys of a parameter, which is a JSON list of them, as {@code j.value}. */
    String keyList();

    /** Names the book for people. */
    String name();
}
