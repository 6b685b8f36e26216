package dev.serai.connector.pull;

import dev.serai.camel.http.ByteBudget;
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
    private static final long MEMORY_WAIT_MILLIS = 100;

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
    private final ByteBudget budget;
    private long memory;

    /**
     * A run that has not begun to read.
     *
     * @param route where the user's route starts
     * @param budget for the batch in memory
     * @param stops how often the route had been stopped before
     * @param limit how many records a batch may have
     */
    BatchRun(Endpoint route, ProducerTemplate template, ByteBudget budget, int stops, int limit) {
        this.route = route;
        this.template = template;
        this.budget = budget;
        this.stops = stops;
        this.limit = limit;
    }

    /** Waits until there is memory for a batch, and takes it; false if the route is to stop. */
    boolean takeMemory(PullPause pause, long bytes) throws InterruptedException {
        long wanted = Math.min(bytes, budget.bytesMax());
        while (!budget.take(wanted)) {
            if (!pause.await(stops, MEMORY_WAIT_MILLIS)) {
                return false;
            }
        }
        memory = wanted;
        return true;
    }

    void giveMemoryBack() {
        budget.back(memory);
        memory = 0;
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
