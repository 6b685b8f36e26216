package dev.serai.store.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rows of several statements as one text with parameters, which takes one round trip. */
public interface RowsAtOnce {
    String text();

    void bind(PreparedStatement statement) throws SQLException;
}
