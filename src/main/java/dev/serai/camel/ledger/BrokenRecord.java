package dev.serai.camel.ledger;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import java.util.Map;

/**
 * A record that a source cannot read, or that the route cannot take, as it stands in a list of records.
 *
 * <p>The ledger takes it as a change of its own and refuses to deliver it, so that it becomes a dead letter that tells the
 * reason, and the records around it go on.
 *
 * @param place where it is, which becomes its key: {@code orders.csv:17}
 * @param reason what is wrong with it, in one line
 * @param text as it was read
 */
public record BrokenRecord(String place, String reason, byte[] text) {
    /** The header of a change that no target is to get; its value is the reason. */
    static final String HEADER = "Serai-Invalid";

    /** The change of the flow that it becomes; the same record at the same place is the same change. */
    Change change(String flow) {
        String type = "text/plain; charset=utf-8";
        String id = ChangeReader.hash(flow, place, reason, text);
        return new Change(flow, id, place, null, Operation.UPSERT, type, Map.of(HEADER, place + ": " + reason), text);
    }
}
