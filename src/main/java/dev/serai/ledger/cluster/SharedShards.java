package dev.serai.ledger.cluster;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import java.util.Optional;

/**
 * The shards of a ledger that several nodes share, as its database knows them.
 *
 * <p>Threads: safe; calls may block. Throws: {@link StoreException} if the database cannot be asked.
 */
public interface SharedShards extends AutoCloseable {

    /** How many shards the ledger has; it never changes. */
    int count();

    /** Who is a member now, and who has which shard. */
    ClusterView look();

    /**
     * Ends the membership and the leases of a node, as far as it has not renewed them for some seconds.
     *
     * @param gone a node whose process is known to have ended
     * @return whether something ended
     */
    boolean end(ClusterNode gone);

    /** As {@link #look}, after it has ended what nodes have that are gone. */
    default ClusterView lookPast(PeerWatch watch) {
        ClusterView now = look();
        boolean isEnded = false;
        for (ClusterNode gone : watch.gone(now)) {
            isEnded |= end(gone);
        }
        return isEnded ? look() : now;
    }

    /**
     * Takes a shard and opens it, unless another node has it or takes it meanwhile. Several threads may take shards at once. To close the
     * store gives the shard back.
     */
    Optional<Store> take(int shard);

    /** Reads a shard, whoever has it. It can write nothing; its search by key or id reads the end of the log each time. */
    Store view(int shard);

    /** This node is no member any more: the others share its part out. It keeps the shards that are open. */
    void leave();

    /** Close the stores first. */
    @Override
    void close();
}
