package dev.serai.reconcile.readback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.sql.SqlReadBack;
import dev.serai.connector.sql.SqlReadBack.ReadRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a SQL target back, in the order of its key column or by key.
 *
 * <p>Threads: one at a time.
 */
final class SqlTableReadBack implements ReadBack {
    private static final int ROWS_MAX = 5_000;
    private static final long BYTES_MAX = 8 << 20;
    private static final int KEYS_MAX = 200;

    private final CamelContext context;
    private final Map<String, String> block;
    private @Nullable SqlReadBack table;
    private @Nullable String after;
    private @Nullable String next;

    /** @param block dataSource, table and keyColumn */
    SqlTableReadBack(CamelContext context, Map<String, String> block) {
        this.context = context;
        this.block = Map.copyOf(block);
        for (String name : List.of("dataSource", "table", "keyColumn")) {
            if (block.getOrDefault(name, "").isBlank()) {
                throw new IllegalArgumentException(name + " is missing");
            }
        }
    }

    private SqlReadBack table() {
        SqlReadBack found = table;
        if (found == null) {
            found = new SqlReadBack(
                    context,
                    block.getOrDefault("dataSource", ""),
                    block.getOrDefault("table", ""),
                    block.getOrDefault("keyColumn", ""));
            table = found;
        }
        return found;
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public boolean canReadKeys() {
        return true;
    }

    @Override
    public int keysAtOnce() {
        return KEYS_MAX;
    }

    @Override
    public void begin(@Nullable String from) {
        table = null; // its columns may have changed
        after = from;
        next = from;
    }

    @Override
    public ListedRecords next() {
        ReadRows read = table().rows(after, ROWS_MAX, BYTES_MAX);
        next = read.next();
        return new ListedRecords(List.copyOf(read.rows()), next, next == null);
    }

    @Override
    public void taken(boolean anyNew) {
        after = next;
    }

    @Override
    public List<KeyRecord> read(List<String> keys) {
        Map<String, JsonNode> found = new HashMap<>();
        for (ObjectNode row : table().rowsOf(keys)) {
            found.put(row.path(table().keyColumn()).asText(), row);
        }
        List<KeyRecord> records = new ArrayList<>();
        for (String key : keys) {
            records.add(new KeyRecord(key, found.get(key)));
        }
        return records;
    }

    @Override
    public void close() {
        table = null;
    }
}
