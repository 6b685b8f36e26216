package dev.serai.camel.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A row as a JSON object with its version, so that reading it twice is a duplicate even if the route sets no version.
 */
public final class PulledRow extends ObjectNode {
    private static final long serialVersionUID = 1L;

    private final @Nullable String version;

    /** @param version null if the row has no value in its cursor column */
    public PulledRow(ObjectNode row, @Nullable String version) {
        super(JsonNodeFactory.instance);
        setAll(row);
        this.version = version;
    }

    /** The cursor column's value. */
    @Nullable String version() {
        return version;
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
