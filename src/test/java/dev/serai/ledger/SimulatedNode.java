package dev.serai.ledger;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.KeeperThreads;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.cluster.TakenOverException;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.store.postgres.SimulatedLeases;
import dev.serai.store.postgres.SimulatedLeases.LeasedShard;
import dev.serai.store.postgres.SimulatedServer.ServerLine;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node of a {@link NodeSimulation}, over all starts and deaths of its process. */
final class SimulatedNode {
    private static final Limits LIMITS = new Limits(4_000, 1 << 20, 8, 20_000, 12, 8_000, 30_000, 16, 6, 64, 4);
    private static final Duration RETENTION = Duration.ofDays(1);
    private static final long JOIN_AGAIN_MILLIS = 250;
    private static final long SUBSCRIBE_AGAIN_MILLIS = 1_000;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    private final NodeSimulation all;
    private final NodeWorld world;
    private ClusterNode self;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private NodeTime time;
    private @Nullable Ledger ledger;
    private long cutUntilMillis;
    private int folders = 1;

    SimulatedNode(NodeSimulation all, NodeWorld world, String name) {
        this.all = all;
        this.world = world;
        this.self = new ClusterNode("id-" + name + folders, name, name + ":1");
        this.time = new NodeTime(world, name, 1, Duration.ZERO);
        time.die();
    }

    String name() {
        return self.name();
    }

    String id() {
        return self.id();
    }

    NodeTime time() {
        return time;
    }

    @Nullable Ledger ledger() {
        return time.isDead() ? null : ledger;
    }

    // ---- What happens to it

    void start() {
        if (!time.isDead()) {
            return;
        }
        if (all.mayFail() && world.oneOf(8)) {
            self = new ClusterNode("id-" + name() + ++folders, name(), self.address());
            world.note("node " + name() + " has lost its data folder");
        }
        world.note("node " + name() + " starts");
        double rate = 0.97 + world.random.nextInt(61) / 1_000.0;
        Duration setBy = world.oneOf(4) ? Duration.ofSeconds(world.random.nextInt(200_000) - 100_000) : Duration.ZERO;
        time = new NodeTime(world, name(), rate, setBy);
        ledger = null;
        subscriptions.clear();
        time.execute(() -> boot(time));
    }

    void crash() {
        if (!time.isDead()) {
            world.note("node " + name() + " dies");
            time.die();
        }
    }

    /** As SIGTERM. */
    void stop() {
        Ledger open = ledger();
        NodeTime process = time;
        if (open != null) {
            world.note("node " + name() + " is stopped");
            ledger = null;
            List<Subscription> routes = List.copyOf(subscriptions);
            process.execute(() -> {
                open.leave();
                routes.forEach(route -> route.close(CLOSE_MAX));
                open.close();
                world.note("node " + name() + " has stopped");
                process.die();
            });
        }
    }

    /** The server is out of its reach. */
    void cutFromServer(long millis) {
        cutUntilMillis = Math.max(cutUntilMillis, world.nowMillis() + millis);
    }

    void heal() {
        cutUntilMillis = 0;
        start();
    }

    // ---- Its process

    private void boot(NodeTime process) {
        ScheduledExecutorService executor = process.executor();
        try {
            Optional<SimulatedLeases> leases =
                    SimulatedLeases.join(all.server(), new ProcessLine(process), self, process, executor);
            if (leases.isEmpty()) {
                process.executor().schedule(() -> boot(process), JOIN_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            Ledger opened = open(process, leases.get());
            if (!process.isDead()) {
                ledger = opened;
                subscribe(process, opened);
            }
        } catch (StoreException e) {
            world.note("node " + name() + " cannot start: " + e.getMessage());
            process.die();
            world.after(1_000, this::start);
        }
    }

    private Ledger open(NodeTime process, SimulatedLeases leases) {
        LedgerSettings settings = new LedgerSettings(
                LIMITS,
                new Retention(RETENTION, RETENTION),
                new LedgerClock(process),
                world.random,
                process.executor(),
                process.executor(),
                (target, state, age) -> {});
        return new Ledger(
                new LeasedShards(leases),
                all.network().peers(process, process.executor()),
                settings,
                (store, limits, clock, afterCommit) ->
                        new NodeWriter(world, process, store, limits, clock, afterCommit),
                new KeeperThreads(process.executor(), Runnable::run, process.executor()));
    }

    /** As routes do that start. */
    private void subscribe(NodeTime process, Ledger opened) {
        try {
            for (int i = 0; i < all.targets().size(); i++) {
                NodeTarget target = all.targets().get(i);
                if (subscriptions.size() == i) {
                    subscriptions.add(opened.subscribe(
                            target.name(),
                            target.options(),
                            target.of(process, self.id()),
                            new TargetCircuit(process)));
                }
                subscriptions.get(i).start();
            }
        } catch (StoreException e) {
            process.executor()
                    .schedule(() -> subscribe(process, opened), SUBSCRIBE_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    // ---- The server

    private boolean isCut() {
        return cutUntilMillis > world.nowMillis();
    }

    private void moment(NodeTime process) {
        if (all.mayFail() && world.oneOf(1_500)) {
            long millis = world.random.nextInt(30_000);
            world.note("node " + name() + " stands still in the middle of something for " + millis + " ms");
            process.pause(millis);
        }
        world.moment(process);
    }

    /** The line of one process to the server. */
    private final class ProcessLine implements ServerLine {
        private final NodeTime process;

        ProcessLine(NodeTime process) {
            this.process = process;
        }

        @Override
        public void call(String statement) throws SQLException {
            moment(process);
            if (process.isDead() || isCut() || (all.mayFail() && world.oneOf(400))) {
                throw new SQLException("the server cannot be reached", "08001");
            }
        }

        @Override
        public void answer(String statement) throws SQLException {
            boolean isFence = statement.contains("last_seq"); // whose transaction has a commit that may get lost
            if (all.mayFail() && !isFence && world.oneOf(300)) {
                throw new SQLException("the answer is lost", "08006");
            }
        }
    }

    /** The shards of the ledger, as the server has them. */
    private final class LeasedShards implements SharedShards {
        private final SimulatedLeases leases;

        LeasedShards(SimulatedLeases leases) {
            this.leases = leases;
        }

        @Override
        public int count() {
            return all.logs().size();
        }

        @Override
        public ClusterView look() {
            return leases.look();
        }

        @Override
        public boolean end(ClusterNode gone) {
            boolean isEnded = leases.end(gone);
            if (isEnded) {
                all.endedEarly(SimulatedNode.this, gone);
            }
            return isEnded;
        }

        @Override
        public Optional<Store> take(int shard) {
            try {
                return leases.take(shard).map(leased -> open(shard, leased));
            } catch (TakenOverException e) { // the node stood still since it took it
                return Optional.empty();
            }
        }

        private Store open(int shard, LeasedShard leased) {
            try {
                LeasedStore store = new LeasedStore(
                        all.logs().get(shard), leased, epoch -> all.written(SimulatedNode.this, shard, epoch));
                world.note("node " + name() + " has shard " + shard + " with epoch " + store.epoch());
                return new FaultyStore(store, new ShardFaults(shard, leased));
            } catch (RuntimeException e) {
                leased.close();
                throw e;
            }
        }

        @Override
        public Store view(int shard) {
            return new FaultyStore(new MemoryStore(all.logs().get(shard)), new ShardFaults(shard, null));
        }

        @Override
        public void leave() {
            leases.leave();
        }

        @Override
        public void close() {
            leases.close();
        }
    }

    /** What fails of the log of a shard, as this node sees it. */
    private final class ShardFaults implements FaultyStore.Faults {
        private final NodeTime process = time;
        private final int shard;
        private final @Nullable LeasedShard leased;

        ShardFaults(int shard, @Nullable LeasedShard leased) {
            this.shard = shard;
            this.leased = leased;
        }

        @Override
        public boolean readFails() {
            return process.isDead() || isCut() || (all.mayFail() && world.oneOf(200));
        }

        @Override
        public FaultyStore.CommitFault commit() {
            moment(process);
            if (process.isDead() || isCut()) {
                return FaultyStore.CommitFault.BEFORE;
            }
            if (!all.mayFail() || !world.oneOf(60)) {
                return FaultyStore.CommitFault.NONE;
            }
            return world.oneOf(3) ? FaultyStore.CommitFault.BEFORE : FaultyStore.CommitFault.AFTER;
        }

        @Override
        public void meanwhile() {
            if (!process.isDead()) {
                moment(process);
            }
        }

        /** It is one only if nobody else has taken the shard meanwhile: then the fence keeps it out. */
        @Override
        public void illegal(String move) {
            LeasedShard now = leased;
            world.check(now == null || all.server().row(shard).epoch() != now.epoch(), name() + ": " + move);
        }

        @Override
        public void durable(List<Entry> inserted, List<FaultyStore.Moved> moves) {
            all.durable(inserted, moves);
        }
    }
}
