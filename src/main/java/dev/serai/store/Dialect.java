package dev.serai.store;

import java.sql.Connection;
import java.sql.SQLException;

/** What differs between databases; everything else is the same SQL. */
interface Dialect extends AutoCloseable {

    /**
     * Takes the ledger for this process and makes sure that it is there and sound.
     *
     * @throws StoreOpenException if it cannot be used; it is then untouched
     */
    void prepare();

    /** A new connection that may write, in auto-commit mode. */
    Connection writer() throws SQLException;

    /** A new connection that only reads. */
    Connection reader() throws SQLException;

    /**
     * Makes sure that there is room for some transactions before the ledger is opened again.
     *
     * @throws dev.serai.ledger.model.StoreException if there is not
     */
    void requireRoom();

    /** The statement that starts a writing transaction. */
    String begin();

    /** NumberCache the database in errors. */
    String name();

    /** See {@link dev.serai.ledger.model.Store#location}. */
    String location();

    /** Gives the ledger back to other processes. */
    @Override
    void close();
}
