package dev.serai.camel.ledger;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import java.util.Arrays;
import java.util.Map;

/**
 * A record in a list that the source cannot read or the route cannot process.
 *
 * <p>It is accepted as a change that cannot be delivered, so it becomes a dead letter with the reason, and the other
 * records continue.
 *
 * @param place where it is; becomes its key: {@code orders.csv:17}
 * @param reason what is wrong with it, in one line
 * @param text as it was read
 */
public record BrokenRecord(String place, String reason, byte[] text) {
    /** The header of a change that no target is to get; its value is the reason. */
    static final String HEADER = "Serai-Invalid";

    /** How much of a record's text is kept. */
    private static final int TEXT_BYTES_MAX = 65_536;

    /** A record whose text may be too long to keep: its beginning is. */
    public static BrokenRecord of(String place, String reason, byte[] text) {
        return text.length <= TEXT_BYTES_MAX
                ? new BrokenRecord(place, reason, text)
                : new BrokenRecord(
                        place,
                        reason + " (its first " + TEXT_BYTES_MAX + " bytes of " + text.length + " are kept)",
                        Arrays.copyOf(text, TEXT_BYTES_MAX));
    }

    /** Whether the change was made of one. */
    public static boolean isFrom(Change change) {
        return change.headers().containsKey(HEADER);
    }

    /** The change of the flow that it becomes; the same record at the same place is the same change. */
    Change change(String flow) {
        String type = "text/plain; charset=utf-8";
        String id = Change.idOf(flow, place, reason, Operation.UPSERT, text);
        Map<String, String> headers = Map.of(HEADER, place + ": " + reason);
        return new Change(flow, id, place, null, Operation.UPSERT, type, headers, text, true);
    }
}
