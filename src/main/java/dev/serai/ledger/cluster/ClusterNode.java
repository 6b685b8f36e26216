package dev.serai.ledger.cluster;

/**
 * A node that is a member of a ledger.
 *
 * @param id identifies it, also after a restart
 * @param name for people; no two live nodes have the same
 * @param address of its internal port, as {@code host:port}
 */
public record ClusterNode(String id, String name, String address) {}
