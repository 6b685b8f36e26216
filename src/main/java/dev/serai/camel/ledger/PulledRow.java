package dev.serai.camel.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A row as a JSON object with its version and operation, so that reading it twice is a duplicate even if the route sets no
 * version.
 */
public final class PulledRow extends ObjectNode {
    private static final long serialVersionUID = 1L;

    private final @Nullable String version;
    private final boolean deleted;

    /**
     * @param version null if the row has no value in its cursor column
     * @param deleted whether the row is marked as deleted, which makes it a delete unless the route sets an operation
     */
    public PulledRow(ObjectNode row, @Nullable String version, boolean deleted) {
        super(JsonNodeFactory.instance);
        setAll(row);
        this.version = version;
        this.deleted = deleted;
    }

    /** The cursor column's value. */
    @Nullable String version() {
        return version;
    }

    boolean isDeleted() {
        return deleted;
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
