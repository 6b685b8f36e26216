package dev.serai.camel.ledger;

import java.util.LinkedHashMap;
import java.util.Map;

/** The headers that tell a target which change it receives, the same for HTTP and Kafka: {@code Idempotency-Key, Serai-*}. */
public final class IdentityHeaders {
    /** The name that the target sees, by the name of the header that the ledger sets. */
    public static final Map<String, String> NAMES = names();

    private IdentityHeaders() {}

    private static Map<String, String> names() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(LedgerConstants.ID, "Idempotency-Key");
        headers.put(LedgerConstants.FLOW, "Serai-Flow");
        headers.put(LedgerConstants.KEY, "Serai-Key");
        headers.put(LedgerConstants.VERSION, "Serai-Version");
        headers.put(LedgerConstants.OPERATION, "Serai-Operation");
        headers.put(LedgerConstants.SEQUENCE, "Serai-Sequence");
        headers.put(LedgerConstants.ATTEMPT, "Serai-Attempt");
        return headers;
    }
}
