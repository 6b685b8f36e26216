package dev.serai.camel.ledger;

import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** The options of {@code ledger:} in {@code to}. */
@UriParams
public class LedgerProducerOptions {

    /** What the route waits for. */
    public enum Mode {
        /** The change is durable. */
        ASYNC,
        /** The change is delivered to the targets. */
        SYNC
    }

    @UriParam(
            label = "producer",
            description = "Identifies the change, as a simple expression. Without it: a hash of flow, key,"
                    + " version and body if there is a version, else a new unique id")
    private @Nullable String id;

    @UriParam(label = "producer", description = "The record's identity within the flow, as a simple expression")
    private @Nullable String key;

    @UriParam(
            label = "producer",
            description = "Orders the states of the key, for example a time or a counter, as a simple expression")
    private @Nullable String version;

    @UriParam(
            label = "producer",
            defaultValue = "upsert",
            description = "upsert or delete, as a simple expression; or cursor, to read the cursor that the header"
                    + " CamelLedgerCursorName names into the header CamelLedgerCursor")
    private @Nullable String operation;

    @UriParam(
            label = "producer",
            description = "Whether the body is a list of changes that are accepted together, all or none, with the"
                    + " cursor of the header CamelLedgerCursor saved in the same transaction")
    private boolean batch;

    @UriParam(
            label = "producer",
            enums = "async,sync",
            defaultValue = "async",
            description =
                    "Whether the route continues when the change is durable, or when it is delivered to its targets")
    private Mode mode = Mode.ASYNC;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            defaultValue = "5s",
            description = "With mode=sync: how long to wait; after that the change is still delivered")
    private long timeout = 5_000;

    @UriParam(
            label = "producer",
            description = "With mode=sync: the target to wait for; without it all targets of the flow")
    private @Nullable String await;

    public @Nullable String getId() {
        return id;
    }

    public void setId(String id) {
        this.id = id;
    }

    public @Nullable String getKey() {
        return key;
    }

    public void setKey(String key) {
        this.key = key;
    }

    public @Nullable String getVersion() {
        return version;
    }

    public void setVersion(String version) {
        this.version = version;
    }

    public @Nullable String getOperation() {
        return operation;
    }

    public void setOperation(String operation) {
        this.operation = operation;
    }

    public boolean isBatch() {
        return batch;
    }

    public void setBatch(boolean batch) {
        this.batch = batch;
    }

    public Mode getMode() {
        return mode;
    }

    public void setMode(Mode mode) {
        this.mode = mode;
    }

    public long getTimeout() {
        return timeout;
    }

    public void setTimeout(long timeout) {
        this.timeout = timeout;
    }

    public @Nullable String getAwait() {
        return await;
    }

    public void setAwait(String await) {
        this.await = await;
    }
}
