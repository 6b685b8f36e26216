package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** The way to the tables that the nodes of a ledger share. Threads: safe. */
interface NodeConnections {

    /** A new connection, in auto-commit mode. */
    Connection toLedger() throws SQLException;

    /** What the connections of all nodes of this ledger are called in the server's list begins with this. */
    String applicationPrefix();
}
