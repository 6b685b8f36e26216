package dev.serai.reconcile.readback;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.JsonValueText;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * How the records of a system are read, and what their keys are.
 *
 * @param key where a record has its key; null with {@code sql}, where a column is
 * @param deleted whether a record counts as deleted; null if none does
 * @param page how to list records over HTTP; null if that is not possible
 * @param read how to ask for one record over HTTP; null if that is not possible
 * @param sql the table to read; null if it is none
 */
public record RecordAccess(
        @Nullable JqExpression key,
        @Nullable JqExpression deleted,
        @Nullable Map<String, String> page,
        @Nullable Map<String, String> read,
        @Nullable Map<String, String> sql) {

    /** Whether records can be read by their keys. */
    public boolean canReadKeys() {
        return read != null || sql != null;
    }

    /**
     * Nothing is asked yet.
     *
     * @param side what is read, for messages: target or source
     * @param waited is given what it waits for {@link SpareTime}
     */
    public PatientReadBack open(CamelContext context, String side, Consumer<Duration> waited) {
        ReadBack system = sql == null ? ReadBacks.http(context, page, read) : ReadBacks.sql(context, sql);
        return new PatientReadBack(system, side, SpareTime.of(context), waited);
    }

    /** The key of a listed record; null if it has none. */
    public @Nullable String keyOf(JsonNode record) throws PullException {
        JsonNode value = key == null ? column(record) : key.value(record);
        return value == null || value.isNull() || value.isContainerNode() ? null : JsonValueText.of(value);
    }

    private @Nullable JsonNode column(JsonNode row) {
        String name = sql == null ? "" : sql.getOrDefault("keyColumn", "");
        JsonNode exact = row.get(name);
        if (exact != null) {
            return exact;
        }
        return row.properties().stream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    public boolean isDeleted(JsonNode record) throws PullException {
        return deleted != null && deleted.value(record) != null;
    }
}
