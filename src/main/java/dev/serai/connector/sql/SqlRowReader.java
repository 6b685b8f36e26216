package dev.serai.connector.sql;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Reads the rows of one result as values by column. Unlike Spring's mapper it looks at the labels of the columns once and not
 * for each row.
 *
 * <p>Threads: one thread.
 */
final class SqlRowReader implements RowMapper<Map<String, Object>> {
    private String @Nullable [] labels;

    @Override
    public Map<String, Object> mapRow(ResultSet row, int number) throws SQLException {
        String[] known = labels == null ? labels(row.getMetaData()) : labels;
        labels = known;
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < known.length; i++) {
            values.putIfAbsent(known[i], JdbcUtils.getResultSetValue(row, i + 1));
        }
        return values;
    }

    private static String[] labels(ResultSetMetaData columns) throws SQLException {
        String[] labels = new String[columns.getColumnCount()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = JdbcUtils.lookupColumnName(columns, i + 1);
        }
        return labels;
    }
}
