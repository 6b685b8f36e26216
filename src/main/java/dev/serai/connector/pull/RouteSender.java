package dev.serai.connector.pull;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.camel.ledger.LedgerConstants;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;

/**
 * Sends lists of records to the user's route that has a Kamelet as its source.
 *
 * <p>Threads: one thread.
 */
public final class RouteSender implements Closeable {
    private final Route route;
    private final ProducerTemplate template;

    /**
     * What became of a list that the route took.
     *
     * @param fresh how many records were new to the ledger; null if the route does not tell
     * @param freshBroken how many of them are dead letters from the start
     * @param flow null if the route does not tell
     */
    public record Taken(
            int records,
            @Nullable Integer fresh,
            int freshBroken,
            @Nullable String flow) {
        /** Whether the ledger did not have all of it already; true if that is not known. */
        boolean mayBeNew() {
            return records > 0 && (fresh == null || fresh > 0);
        }
    }

    private RouteSender(Route route, ProducerTemplate template) {
        this.route = route;
        this.template = template;
    }

    /** @param exchange one of the Kamelet's own route */
    public static RouteSender of(Exchange exchange) {
        String own = exchange.getFromRouteId();
        Route route = own == null ? null : SourceRegistry.user(exchange.getContext(), own);
        if (route == null) {
            throw new IllegalStateException("no route has this Kamelet as its source");
        }
        return new RouteSender(route, exchange.getContext().createProducerTemplate());
    }

    /** The user's route. */
    public String routeId() {
        return route.getRouteId();
    }

    /** Sends records with nothing to save. */
    public Taken send(List<?> records) throws Exception {
        return send(records, null, null);
    }

    /** Sends records, with the cursor to save together with them if the value is not null. */
    Taken send(List<?> records, @Nullable String cursorName, @Nullable String cursor) throws Exception {
        Exchange exchange = route.getEndpoint().createExchange();
        Message message = exchange.getMessage();
        message.setBody(records);
        if (cursor != null) {
            message.setHeader(LedgerConstants.CURSOR_NAME, cursorName);
            message.setHeader(LedgerConstants.CURSOR, cursor);
        }
        template.send(route.getEndpoint(), exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
            throw new RollbackExchangeException("the route rolled the batch back", exchange);
        }
        Message answer = exchange.getMessage();
        Integer fresh = answer.getHeader(LedgerConstants.NEW_CHANGES, Integer.class);
        Integer broken = answer.getHeader(LedgerConstants.NEW_BROKEN, Integer.class);
        return new Taken(
                records.size(),
                fresh,
                broken == null ? broken(records) : broken,
                answer.getHeader(LedgerConstants.FLOW, String.class));
    }

    private static int broken(List<?> records) {
        return (int) records.stream().filter(BrokenRecord.class::isInstance).count();
    }

    @Override
    public void close() throws IOException {
        template.close();
    }
}
