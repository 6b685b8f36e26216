package dev.serai.store.postgres;

import dev.serai.ledger.time.TimeSource;
import dev.serai.task.RepeatedTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of the shards that this node has, on a thread and a connection of its own, and knows whether they still hold. What a node knows of
 * a shard that it lost stays out of date, so a lost lease stays lost until the shard is taken again.
 *
 * <p>Threads: safe.
 */
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final long EVERY_MILLIS = 1_000;
    /** How old a lease may be of a node that has the ledger for itself: a little less than it lasts. */
    static final Duration ALONE = ShardOwnership.LEASE.minusSeconds(1);
    /** The same for nodes that share it, which end the leases of a node that they take for gone: a little less than these last. */
    static final Duration SHARED = ShardOwnership.GONE.minusMillis(500);

    private final ShardOwnership ownership;
    private final Renewal also;
    private final Duration sure;
    private final TimeSource time;
    private final ScheduledExecutorService executor;
    private final KeptConnection connection;
    /** For each shard, a time before its lease began. */
    private final Map<Integer, Moment> renewed = new ConcurrentHashMap<>();
    /** Why they could not be renewed last. */
    private volatile @Nullable String failure;

    /** When this node took the shards that it has. */
    private final Map<Integer, Moment> taken = new ConcurrentHashMap<>();
    /** Who has those that it lost. */
    private final Map<Integer, String> lost = new ConcurrentHashMap<>();

    /**
     * A time by both clocks: while the machine sleeps its monotonic clock stands still, but leases end. A wall clock that is set
     * forward looks the same, until the leases are renewed next.
     */
    record Moment(long monotonicMillis, long wallMillis) {
        static Moment of(TimeSource time) {
            return new Moment(time.monotonicMillis(), time.millis());
        }

        Moment before(Duration duration) {
            return new Moment(monotonicMillis - duration.toMillis(), wallMillis - duration.toMillis());
        }

        Moment orLater(Moment other) {
            return other.monotonicMillis > monotonicMillis ? other : this;
        }

        long ageMillis(TimeSource time) {
            return Math.max(time.monotonicMillis() - monotonicMillis, time.millis() - wallMillis);
        }
    }

    /** What is renewed together with the leases. */
    interface Renewal {
        void renew(Connection connection) throws SQLException;
    }

    /**
     * @param also is renewed together with the leases
     * @param sure nothing is delivered while a lease is older
     * @param executor has a thread for this alone
     */
    LeaseKeeper(
            NodeConnections connections,
            ShardOwnership ownership,
            Renewal also,
            Duration sure,
            TimeSource time,
            ScheduledExecutorService executor) {
        this.sure = sure;
        this.time = time;
        this.executor = executor;
        this.connection = new KeptConnection(connections);
        this.ownership = ownership;
        this.also = also;
    }

    /** A thread that does not keep the process. */
    static ScheduledExecutorService thread() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "serai-lease");
            thread.setDaemon(true);
            return thread;
        });
    }

    void start() {
        new RepeatedTask("Renewing the leases", this::renew).start(executor, EVERY_MILLIS, EVERY_MILLIS);
    }

    /** This node has asked for a shard at that time, and got it. */
    void took(int shard, Moment asked) {
        lost.remove(shard);
        taken.put(shard, asked);
        renewed.put(shard, asked);
    }

    /** This node gives a shard back. */
    void gave(int shard) {
        taken.remove(shard);
        renewed.remove(shard);
        lost.remove(shard);
    }

    private void renew() {
        try {
            connection.ask(this::renew);
            if (failure != null) {
                LOG.info("The leases of this node's shards are renewed again");
            }
            failure = null;
        } catch (SQLException | RuntimeException e) {
            if (failure == null) {
                LOG.warn("The leases of this node's shards cannot be renewed: {}", e.getMessage());
            }
            failure = String.valueOf(e.getMessage());
        }
    }

    private boolean renew(Connection open) throws SQLException {
        also.renew(open);
        Map<Integer, Moment> held = Map.copyOf(taken);
        Moment asked = Moment.of(time);
        Map<Integer, Duration> ages = ownership.renew(open, held.keySet());
        for (Map.Entry<Integer, Moment> one : held.entrySet()) {
            int shard = one.getKey();
            boolean isSame = one.getValue().equals(taken.get(shard));
            if (isSame && !ages.containsKey(shard) && !lost.containsKey(shard)) {
                lose(shard, ownership.others(open));
            }
        }
        ages.forEach((shard, age) -> renewed.computeIfPresent(shard, (same, last) -> last.orLater(asked.before(age))));
        return true;
    }

    private void lose(int shard, String owner) {
        if (lost.put(shard, owner) == null) {
            LOG.warn(
                    "Shard {} was taken over: it belongs to {}; this node writes and delivers nothing of it",
                    shard,
                    owner);
        }
    }

    /** See {@link dev.serai.ledger.model.Store#lapse}. */
    @Nullable String lapse(int shard) {
        String owner = lost.get(shard);
        if (owner != null) {
            return "nothing is delivered any more: the ledger was taken over, it belongs to " + owner;
        }
        Moment last = renewed.get(shard);
        long age = last == null ? 0 : last.ageMillis(time);
        String reason = failure;
        return age < sure.toMillis()
                ? null
                : "nothing is delivered, because another node may own the ledger by now: this node's lease was renewed "
                        + Duration.ofMillis(age).toSeconds() + " s ago" + (reason == null ? "" : ", then: " + reason);
    }

    @Override
    public void close() {
        executor.execute(connection::close);
        executor.shutdown();
    }
}
