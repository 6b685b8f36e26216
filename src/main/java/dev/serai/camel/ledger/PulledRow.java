package dev.serai.camel.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A row as a JSON object that knows its version, so that reading it twice is known as such even where the route gives the
 * ledger no version.
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
