package dev.serai.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Where connections come from that only read. Threads: safe. */
public interface ReadSource {

    Dialect dialect();

    /** A new connection that only reads. */
    Connection reader() throws SQLException;

    /** The maximum number of {@link #reader} connections. */
    int readersMax();

    /** Whether the error says that what is stored cannot be read. */
    boolean isDamage(SQLException e);

    /** Names the database in errors. */
    String name();
}
