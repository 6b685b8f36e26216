package dev.serai.connector.pull;

import dev.serai.camel.ledger.LedgerConstants;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RollbackExchangeException;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run of a {@link BatchPull}.
 *
 * <p>Threads: one thread.
 */
final class BatchRun {
    final int stops;

    @Nullable String position;

    /** The batch that was read and is not accepted yet. */
    @Nullable Batch read;

    /** Why the route refuses the only record of the batch for good. */
    @Nullable String refusal;

    int limit;
    int failures;
    long waitMillis;

    private final Endpoint route;
    private final ProducerTemplate template;

    /**
     * A run that has not begun to read.
     *
     * @param route where the user's route starts
     * @param stops how often the route had been stopped before
     * @param limit how many records a batch may have
     */
    BatchRun(Endpoint route, ProducerTemplate template, int stops, int limit) {
        this.route = route;
        this.template = template;
        this.stops = stops;
        this.limit = limit;
    }

    /**
     * Sends the batch through the user's route, with the cursor to save together with it.
     *
     * @return whether the ledger did not have all of it already; true if that is not known
     */
    boolean send(Batch batch, String cursorName) throws Exception {
        Exchange exchange = route.createExchange();
        Message message = exchange.getMessage();
        message.setBody(batch.records());
        if (batch.cursor() != null) {
            message.setHeader(LedgerConstants.CURSOR_NAME, cursorName);
            message.setHeader(LedgerConstants.CURSOR, batch.cursor());
        }
        template.send(route, exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
            throw new RollbackExchangeException("the route rolled the batch back", exchange);
        }
        return !Integer.valueOf(0).equals(exchange.getMessage().getHeader(LedgerConstants.NEW_CHANGES));
    }

    /** Begins a new batch there. */
    void goOn(String newPosition) {
        position = newPosition;
        refusal = null;
        failures = 0;
        waitMillis = 0;
    }
}
