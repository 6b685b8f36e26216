package dev.serai.ledger.cluster;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a target at the other nodes.
 *
 * @param parts what they said last
 * @param isProbed whether a node that comes before this one says that the target is down, so that it probes the target
 * @param recoveries how often the target came up again at another node, since the start
 */
public record TargetElsewhere(List<TargetPart> parts, boolean isProbed, long recoveries) {
    /** Of a ledger that this node has for itself. */
    public static final TargetElsewhere NONE = new TargetElsewhere(List.of(), false, 0);

    /** Since when it is down for any of them; empty if it is for none. */
    public Optional<Instant> downSince() {
        return parts.stream().flatMap(part -> part.down().stream()).min(Comparator.naturalOrder());
    }
}
