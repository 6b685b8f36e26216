package dev.serai.ledger.cluster;

/** The way to the other nodes, and from them to this one. Threads: safe. */
public interface Peers extends AutoCloseable {

    /** From now on other nodes may make these calls. */
    void serve(ShardCalls own);

    /** The calls to a node; they fail if it does not answer. */
    ShardCalls at(ClusterNode node);

    /** Ends calls under way. */
    @Override
    void close();
}
