package dev.serai.camel.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A row as a JSON object with its version, so that reading it twice is a duplicate even if the route sets no version.
 */
public final class PulledRow extends ObjectNode {
    private static final long serialVersionUID = 1L;

    private final String version;

    public PulledRow(ObjectNode row, String version) {
        super(JsonNodeFactory.instance);
        setAll(row);
        this.version = version;
    }

    /** The cursor column's value. */
    String version() {
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
