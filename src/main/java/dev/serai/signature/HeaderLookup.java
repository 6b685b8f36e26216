package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's headers by name; letter case does not matter. */
@FunctionalInterface
public interface HeaderLookup {

    /** Every value of the header in order; empty if there is none. */
    List<String> values(String name);

    /** The header's first value, or an empty string. */
    default String value(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? "" : values.get(0);
    }

    /**
     * The refusal of a request in which one of these headers is missing or repeated; null if each occurs once. A repeated
     * header is refused because two readers could use different values.
     */
    default @Nullable Refusal refuseUnlessOnce(String... names) {
        for (String name : names) {
            List<String> values = values(name);
            if (values.size() > 1) {
                return new Refusal(
                        RefusalReason.MALFORMED, "The header " + name + " is there more than once: send it once.");
            }
            if (values.isEmpty() || values.get(0).isBlank()) {
                return new Refusal(RefusalReason.MISSING, "The header " + name + " is missing: sign the request.");
            }
        }
        return null;
    }
}
