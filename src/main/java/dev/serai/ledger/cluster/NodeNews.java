package dev.serai.ledger.cluster;

import java.util.Map;

/**
 * What a node tells the others about its routes.
 *
 * @param flows for each flow a digest of the route files that it is in; equal on two nodes if they have the same files for it
 * @param sources how its sources are doing, in the JSON of the layer that reports them; empty if it says nothing
 */
public record NodeNews(Map<String, String> flows, String sources) {
    /** Of a node that is starting. */
    public static final NodeNews NONE = new NodeNews(Map.of(), "");
}
