package dev.serai.store.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rows of several statements as one text with parameters, which takes one round trip. */
public interface RowsAtOnce {
    String text();

    /** Runs the text, which was prepared. */
    void run(PreparedStatement statement) throws SQLException;
}
