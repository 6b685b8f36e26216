package dev.serai.camel.ledger;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** The changes that a sink is to bring at once: those of a batch, or the one that the message is. */
public final class ChangeBatch {
    private ChangeBatch() {}

    /** Whether the message is a batch: a list of exchanges, as a target with {@code batchSize} above 1 gets it. */
    public static boolean isBatch(Message message) {
        return isBatch(message.getBody());
    }

    private static boolean isBatch(@Nullable Object body) {
        return body instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Exchange;
    }

    /** The exchange of each change of a batch; the given exchange if it is not a batch. */
    public static List<Exchange> of(Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof List<?> list) || !isBatch(list)) {
            return List.of(exchange);
        }
        List<Exchange> changes = new ArrayList<>();
        for (Object change : list) {
            changes.add((Exchange) change);
        }
        return changes;
    }

    /** The change's body; empty if it has none. */
    public static byte[] body(Message change) throws InvalidPayloadException {
        return change.getBody() == null ? new byte[0] : change.getMandatoryBody(byte[].class);
    }

    /** Whether the change removes its record. */
    public static boolean isDelete(Message change) {
        return "delete".equals(change.getHeader(LedgerConstants.OPERATION));
    }
}
