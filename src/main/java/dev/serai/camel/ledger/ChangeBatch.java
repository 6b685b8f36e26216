package dev.serai.camel.ledger;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** The changes that a sink is to bring at once: those of a batch, or the one that the message is. */
public final class ChangeBatch {
    private ChangeBatch() {}

    /** Whether the message is a batch: a list of exchanges, as a target with {@code batchSize} above 1 gets it. */
    public static boolean isBatch(Message message) {
        return message.getBody() instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Exchange;
    }

    /** Each change as the exchange that holds its body and headers; the given one if it is no batch. */
    public static List<Exchange> of(Exchange exchange) {
        if (!isBatch(exchange.getMessage())) {
            return List.of(exchange);
        }
        List<Exchange> changes = new ArrayList<>();
        for (Object change : (List<?>) exchange.getMessage().getBody()) {
            changes.add((Exchange) change);
        }
        return changes;
    }

    /** Whether the change removes its record. */
    public static boolean isDelete(Message change) {
        return "delete".equals(change.getHeader(LedgerConstants.OPERATION));
    }
}
