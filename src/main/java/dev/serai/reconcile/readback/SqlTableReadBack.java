package dev.serai.reconcile.readback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.sql.SqlReadBack;
import dev.serai.connector.sql.SqlReadBack.ReadRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a SQL target back, in the order of its key column or by key. While some rows are compared it reads the next ones.
 *
 * <p>Threads: one at a time.
 */
final class SqlTableReadBack implements ReadBack {
    private static final int ROWS_MAX = 5_000;
    private static final long BYTES_MAX = 8 << 20;
    private static final int KEYS_MAX = 200;

    private final CamelContext context;
    private final Map<String, String> block;
    private volatile @Nullable SqlReadBack table;
    private @Nullable String after;
    private @Nullable String next;
    /** The rows after {@link #next}, on their way; null if nobody reads ahead. */
    private @Nullable Future<ReadRows> ahead;

    private final ExecutorService reader = Executors.newSingleThreadExecutor(work -> {
        Thread made = new Thread(work, "serai-reconcile-reader");
        made.setDaemon(true);
        return made;
    });

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
        ahead = null;
    }

    @Override
    public ListedRecords next() throws Exception {
        Future<ReadRows> begun = ahead;
        ahead = null; // what failed is read again
        ReadRows read = begun == null ? rows(after) : finished(begun);
        String place = read.next();
        next = place;
        ahead = place == null ? null : reader.submit(() -> rows(place));
        return new ListedRecords(List.copyOf(read.rows()), next, next == null);
    }

    private ReadRows rows(@Nullable String place) {
        return table().rows(place, ROWS_MAX, BYTES_MAX);
    }

    private static ReadRows finished(Future<ReadRows> begun) throws Exception {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        }
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
        reader.shutdownNow();
        table = null;
    }
}
