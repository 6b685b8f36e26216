package dev.serai.ledger.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why something fails now, for example why a target's circuit is open.
 *
 * @param reason what the last failure said
 * @param since when the first of the failures in a row came
 */
public record Trouble(String reason, Instant since) {
    /** The same trouble with what it says now. @param before null if it is new */
    public static Trouble again(@Nullable Trouble before, String reason, Instant now) {
        return new Trouble(reason, before == null ? now : before.since());
    }
}
