package dev.serai.camel.http;

import dev.serai.camel.PushStatus;
import dev.serai.camel.ledger.LedgerConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Counts what became of a request or frame for the state of its source. */
public final class PushCount {
    private PushCount() {}

    /**
     * @param status of the answer, as in HTTP
     * @param exchange that ran through the route
     */
    public static void add(PushStatus source, int status, Exchange exchange) {
        if (status >= 400) {
            source.failed(status, ProblemReader.fault(exchange));
            return;
        }
        Message result = exchange.getMessage();
        Integer batch = result.getHeader(LedgerConstants.NEW_CHANGES, Integer.class);
        boolean isOne = result.getHeader(LedgerConstants.SEQUENCE) != null;
        boolean isKnown = Boolean.TRUE.equals(result.getHeader(LedgerConstants.DUPLICATE));
        long fresh = batch != null ? batch : isOne && !isKnown ? 1 : 0;
        @Nullable String flow = result.getHeader(LedgerConstants.FLOW, String.class);
        source.taken(fresh, batch == null && isKnown ? 1 : 0, flow);
    }
}
