package dev.serai.ledger;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A ledger in memory that several ledgers of this process share as nodes do. */
public final class MemoryCluster {
    private final List<MemoryStore> stores = new ArrayList<>();
    private final @Nullable String[] owners;
    private volatile boolean away;
    private volatile IntConsumer whenTaken = shard -> {};
    private final Set<Integer> takenOver = new HashSet<>();
    private final Map<String, ClusterNode> members = new TreeMap<>();
    private final Map<String, ShardCalls> calls = new ConcurrentHashMap<>();

    public MemoryCluster(int shards) {
        owners = new String[shards];
        for (int shard = 0; shard < shards; shard++) {
            int number = shard;
            stores.add(new MemoryStore(last -> ShardSequence.next(last, number)) {
                @Override
                public void close() {
                    synchronized (owners) {
                        if (!takenOver.contains(number)) {
                            owners[number] = null;
                        }
                    }
                }
            });
        }
    }

    /** Nobody can leave any more. */
    void goAway() {
        away = true;
    }

    /** Is called with each shard that is taken, by the thread that opens it. */
    void whenTaken(IntConsumer opening) {
        whenTaken = opening;
    }

    /** Another node is said to have the shard. */
    public void takeOver(int shard, String node) {
        synchronized (owners) {
            owners[shard] = node;
            takenOver.add(shard);
        }
    }

    public @Nullable String owner(int shard) {
        synchronized (owners) {
            return owners[shard];
        }
    }

    public SharedShards join(String name) {
        synchronized (owners) {
            members.put(name, new ClusterNode(name, name, "memory:1"));
        }
        return new SharedShards() {
            @Override
            public int count() {
                return stores.size();
            }

            @Override
            public ClusterView look() {
                synchronized (owners) {
                    List<ClusterNode> live = members.values().stream()
                            .filter(node -> node.id().equals(name) || calls.containsKey(node.id()))
                            .toList();
                    return new ClusterView(name, live, Arrays.asList(owners.clone()));
                }
            }

            /** Here a node that does not run is no member anyway. */
            @Override
            public boolean end(ClusterNode gone) {
                return false;
            }

            @Override
            public Optional<Store> take(int shard) {
                synchronized (owners) {
                    if (owners[shard] != null) {
                        return Optional.empty();
                    }
                    owners[shard] = name;
                }
                whenTaken.accept(shard);
                return Optional.of(stores.get(shard));
            }

            @Override
            public Store view(int shard) {
                return stores.get(shard);
            }

            @Override
            public void leave() {
                if (away) {
                    throw new StoreAwayException("the database is away");
                }
                synchronized (owners) {
                    members.remove(name);
                }
            }

            @Override
            public void close() {
                away = false;
                leave();
            }
        };
    }

    public Peers peers(String name) {
        return new Peers() {
            @Override
            public void serve(ShardCalls own) {
                calls.put(name, own);
            }

            @Override
            public ShardCalls at(ClusterNode node) {
                return calls.get(node.id());
            }

            @Override
            public void close() {}
        };
    }
}
