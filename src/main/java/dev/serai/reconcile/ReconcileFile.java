package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.bill.BillBlock;
import dev.serai.reconcile.bill.BillTarget;
import dev.serai.reconcile.readback.ReadBack;
import dev.serai.reconcile.readback.ReadBacks;
import dev.serai.reconcile.state.RecordState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * What a file {@code NAME.reconcile.yaml} says.
 *
 * @param given what is compared of a change
 * @param found what is compared of a record of the target
 * @param key where a record of the target has its key; null with {@code sql}, where a column is
 * @param deleted whether a record of the target counts as deleted; null if none does
 * @param lag how long the target may take to show what it has acknowledged
 * @param every how often it runs by itself; null for never
 * @param hot how often it compares keys of which something was taken since they were compared; null for never
 * @param sample how many random keys it compares at once; 0 for none
 * @param sampleEvery how often it does
 * @param rate how many keys are compared per second at most; 0 for no limit
 * @param page how to list records over HTTP; null if that is not possible
 * @param read how to ask for one record over HTTP; null if that is not possible
 * @param sql the table to read; null if it is none
 * @param bill the bill of a payment platform that is compared as well; null for none
 * @param meaning changes when digests have to be made anew
 */
record ReconcileFile(
        String name,
        Path path,
        TargetName target,
        RecordState given,
        RecordState found,
        @Nullable JqExpression key,
        @Nullable JqExpression deleted,
        Duration lag,
        @Nullable Duration every,
        @Nullable Duration hot,
        int sample,
        Duration sampleEvery,
        double rate,
        @Nullable Map<String, String> page,
        @Nullable Map<String, String> read,
        @Nullable Map<String, String> sql,
        @Nullable BillBlock bill,
        String meaning) {

    /** The fields of a file. */
    static final List<String> NAMES = List.of(
            "flow",
            "target",
            "state",
            "record",
            "ignore",
            "key",
            "deleted",
            "lag",
            "every",
            "hot",
            "sample",
            "sampleEvery",
            "rate",
            "page",
            "read",
            "sql",
            "bill");

    /** Whether records can be read by their keys. */
    boolean canReadKeys() {
        return read != null || sql != null;
    }

    ReadBack readBack(CamelContext context) {
        return sql == null ? ReadBacks.http(context, page, read) : ReadBacks.sql(context, sql);
    }

    /** What a bill is compared with. */
    BillTarget billTarget(CamelContext context) {
        return new BillTarget() {
            @Override
            public TargetName name() {
                return target;
            }

            @Override
            public Duration lag() {
                return lag;
            }

            @Override
            public ReadBack open() {
                return readBack(context);
            }

            @Override
            public @Nullable String keyOf(JsonNode record) throws PullException {
                return ReconcileFile.this.keyOf(record);
            }

            @Override
            public boolean isDeleted(JsonNode record) throws PullException {
                return ReconcileFile.this.isDeleted(record);
            }
        };
    }

    /** The key of a listed record; null if it has none. */
    @Nullable String keyOf(JsonNode record) throws PullException {
        JsonNode value = key == null ? column(record) : key.value(record);
        return value == null || value.isNull() || value.isContainerNode() ? null : value.asText();
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

    boolean isDeleted(JsonNode record) throws PullException {
        return deleted != null && deleted.value(record) != null;
    }
}
