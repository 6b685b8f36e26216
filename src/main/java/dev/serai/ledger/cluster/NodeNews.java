package dev.serai.ledger.cluster;

import java.util.Map;

/**
 * What a node tells the others about its routes.
 *
 * @param flows for each flow a digest of the route files that it is in; equal on two nodes if they have the same files for it
 * @param sources how its sources are doing, in the JSON of the layer that reports them; empty if it says nothing
 * @param waits by target, as in {@code orders/mobile}: why what waits there is not taken, in a few words
 */
public record NodeNews(Map<String, String> flows, String sources, Map<String, String> waits) {
    /** Of a node that is starting. */
    public static final NodeNews NONE = new NodeNews(Map.of(), "", Map.of());

    /** A node that runs an earlier version does not say why changes wait. */
    public NodeNews {
        waits = waits == null ? Map.of() : waits;
    }
}
