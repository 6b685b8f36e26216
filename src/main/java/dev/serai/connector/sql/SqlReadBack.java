package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.connector.sql.SqlTable.Range;
import dev.serai.connector.sql.SqlTable.SqlPullRow;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.sql.SqlEndpoint;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads the rows of a table in the order of its key column, or those with certain keys. No connection is held between two reads.
 *
 * <p>Threads: safe.  <p>Throws: {@link DataAccessException} if the database cannot be reached.
 */
public final class SqlReadBack {
    private static final int QUERY_SECONDS_MAX = 300;
    private static final int ROWS_AT_ONCE = 1_000;

    private final SqlTable table;
    private final SqlColumn key;

    /**
     * Some rows as JSON objects.
     *
     * @param next where the next ones begin, see {@link #rows(String, int, long)}; null if there are none
     */
    public record ReadRows(List<ObjectNode> rows, @Nullable String next) {}

    /**
     * Finds the table.
     *
     * @param dataSource the name of a bean
     * @throws IllegalArgumentException if the table or the column is missing
     */
    public SqlReadBack(CamelContext context, String dataSource, String table, String keyColumn) {
        JdbcTemplate db = context.getEndpoint("sql:SELECT 1?dataSource=#bean:" + dataSource, SqlEndpoint.class)
                .getJdbcTemplate();
        db.setQueryTimeout(QUERY_SECONDS_MAX);
        String column = SqlName.option("keyColumn", keyColumn);
        this.table = SqlTable.of(db, SqlCatalog.table(db, SqlName.table(table)), column, List.of(column));
        this.key = this.table.cursorColumn;
        db.setFetchSize(ROWS_AT_ONCE);
    }

    /** The name of the key column, as the database has it. */
    public String keyColumn() {
        return key.name();
    }

    /**
     * The first rows after a place. Rows whose key is null are left out.
     *
     * @param after null for the beginning
     * @param bytesMax stops after the row that crosses this many bytes
     */
    public ReadRows rows(@Nullable String after, int limit, long bytesMax) {
        SqlTable.Page page =
                table.page(new Range(after == null ? null : SqlMark.parse(after), null, null), limit, bytesMax);
        List<SqlPullRow> rows = page.rows();
        String next = page.isLast() || rows.isEmpty()
                ? null
                : rows.get(rows.size() - 1).mark().json().toString();
        return new ReadRows(rows.stream().map(SqlPullRow::body).toList(), next);
    }

    /** The rows with these keys. */
    public List<ObjectNode> rowsOf(List<String> keys) {
        SqlWhere where = new SqlWhere();
        String marks = keys.stream().map(one -> table.mark(key)).collect(Collectors.joining(", "));
        Object[] values = keys.stream()
                .map(one -> table.bound(key, (JsonNode) TextNode.valueOf(one)))
                .toArray();
        where.and(table.ref(key) + " IN (" + marks + ")", values);
        return table.rows(where, table.ref(key), keys.size(), Long.MAX_VALUE).rows().stream()
                .map(SqlPullRow::body)
                .toList();
    }
}
