package dev.serai.ledger;

import dev.serai.ledger.FaultyStore.Moved;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.store.postgres.SimulatedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One random history of a few nodes that share a ledger, from one seed.
 *
 * <p>The nodes are real from the {@link Ledger} down to the statements about shards, their leases and their fence, which run in
 * SQLite ({@link SimulatedServer}): {@code ShardKeeper}, {@code LeaseKeeper}, {@code NodeLeases}, {@code ShardOwnership},
 * {@code ClusterMembership}, forwarding, dispatchers. Simulated are the log of each shard ({@link MemoryStore}), the network between
 * nodes, their clocks and their threads. A statement of the server is a transaction, and the fence of a commit and the commit are
 * one: what PostgreSQL does about two transactions at a time is tested with a real one in {@code PostgresClusterTest}. The clock of
 * the server is right.
 */
final class NodeSimulation {
    private static final long HISTORY_MILLIS = 150_000;
    /** Until then all targets are there. */
    private static final long CALM_MILLIS = 12_000;

    private static final long HEALING_MAX_MILLIS = 1_800_000;
    private static final long ACT_MILLIS = 5_000;
    private static final List<String> FLOWS = List.of("orders", "chats");
    private static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(1);

    private final NodeWorld world;
    private final SimulatedServer server;
    private final SimulatedNetwork network;
    private final Journal journal = new Journal();
    private final List<MemoryStore> logs = new ArrayList<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<NodeTarget> targets = new ArrayList<>();
    private final NodeSources sources;
    private final Random random;
    /** The longest time between two troubles. */
    private final int troubleMillis;

    private boolean healed;
    private int rightlyEnded;
    private int wronglyEnded;
    private long actedMillis;

    NodeSimulation(long seed) {
        random = new Random(seed);
        world = new NodeWorld(random);
        network = new SimulatedNetwork(world);
        troubleMillis = 3_000 + random.nextInt(20_000);
        int shards = 1 + random.nextInt(6);
        server = new SimulatedServer(shards, world::nowMillis, () -> world.oneOf(2));
        for (int shard = 0; shard < shards; shard++) {
            logs.add(MemoryStore.ofShard(shard));
        }
        for (String name : List.of("orders/shop", "orders/bank", "chats/web")) {
            String[] parts = name.split("/", -1);
            targets.add(new NodeTarget(new TargetName(parts[0], parts[1]), options(), world, journal, server));
        }
        int count = 2 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            nodes.add(new SimulatedNode(this, world, "" + (char) ('a' + i)));
        }
        sources = new NodeSources(world, network, journal, FLOWS, targets, this::ready);
        world.note(shards + " shards, " + count + " nodes");
    }

    private TargetOptions options() {
        RedeliveryPolicy policy =
                new RedeliveryPolicy(1 + random.nextInt(5), Duration.ofSeconds(1), 2, Duration.ofSeconds(10), 0.2);
        int batchSize = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1;
        boolean versionGuard = random.nextInt(3) == 0;
        return new TargetOptions(
                1 + random.nextInt(6), batchSize, true, false, versionGuard, 0, policy, true, false, DELIVERY_TIMEOUT);
    }

    // ---- What its parts ask

    SimulatedServer server() {
        return server;
    }

    SimulatedNetwork network() {
        return network;
    }

    List<MemoryStore> logs() {
        return logs;
    }

    List<NodeTarget> targets() {
        return targets;
    }

    boolean mayFail() {
        return !healed;
    }

    private List<SimulatedNode> ready() {
        return nodes.stream().filter(node -> node.ledger() != null).toList();
    }

    /** A commit passed the fence. */
    void written(SimulatedNode node, int shard, long epoch) {
        SimulatedServer.ShardRow row = server.row(shard);
        world.check(
                row.epoch() == epoch && node.id().equals(row.owner()),
                "node " + node.name() + " writes to shard " + shard + " with epoch " + epoch + ", which is " + row);
    }

    /** A node ended what another one had, before its lease did. */
    void endedEarly(SimulatedNode by, ClusterNode gone) {
        boolean isAlive = nodes.stream()
                .anyMatch(node -> node.id().equals(gone.id()) && !node.time().isDead());
        world.note("node " + by.name() + " takes node " + gone.name() + " for gone, which "
                + (isAlive ? "is not true" : "is true"));
        if (isAlive) {
            wronglyEnded++;
        } else {
            rightlyEnded++;
        }
    }

    /** A commit is durable. */
    void durable(List<Entry> inserted, List<Moved> moves) {
        try {
            inserted.forEach(journal::durable);
            for (NodeTarget target : targets) {
                moves.stream()
                        .filter(moved -> moved.delivery().target().equals(target.name()))
                        .forEach(target::stored);
            }
        } catch (AssertionError e) {
            world.fail(e);
        }
    }

    // ---- What is told of it

    int changes() {
        return journal.all().size();
    }

    long deliveries() {
        return targets.stream().mapToLong(NodeTarget::deliveries).sum();
    }

    long passedOn() {
        return network.passedOn();
    }

    /** How often a node that had died was found to be gone before its lease ended. */
    int rightlyEnded() {
        return rightlyEnded;
    }

    /** The same of nodes that were alive. */
    int wronglyEnded() {
        return wronglyEnded;
    }

    void note(String what) {
        world.note(what);
    }

    long trace() {
        return world.trace();
    }

    String schedule() {
        return world.schedule();
    }

    // ---- The history

    void run() {
        try (server) {
            nodes.forEach(node -> world.after(random.nextInt(3_000), node::start));
            world.after(0, this::sending);
            world.after(CALM_MILLIS, this::trouble);
            while (world.nowMillis() < HISTORY_MILLIS) {
                world.step();
            }
            heal();
        }
    }

    private void sending() {
        boolean hasTargets = logs.stream().allMatch(log -> targets.stream().allMatch(one -> log.knows(one.name())));
        if (!healed) {
            if (!hasTargets) {
                // a sender can wait for a target only if there is one
            } else if (world.oneOf(8)) {
                sources.readBatch();
            } else {
                sources.send();
            }
            world.after(random.nextInt(world.oneOf(50) ? 8_000 : 500), this::sending);
        }
    }

    private void trouble() {
        if (healed) {
            return;
        }
        world.after(500 + random.nextInt(troubleMillis), this::trouble);
        SimulatedNode node = world.any(nodes);
        SimulatedNode other = world.any(nodes);
        long millis = random.nextInt(world.oneOf(3) ? 40_000 : 12_000);
        switch (random.nextInt(16)) {
            case 0, 1 -> {
                world.note("node " + node.name() + " stands still for " + millis + " ms");
                node.time().pause(millis);
            }
            case 2 -> {
                world.note("the machine of node " + node.name() + " sleeps for " + millis + " ms");
                node.time().sleep(millis);
            }
            case 3, 4 -> {
                node.crash();
                world.after(millis, node::start);
            }
            case 5 -> {
                node.stop();
                world.after(40_000, node::start);
            }
            case 6, 7 -> {
                world.note("node " + node.name() + " does not reach the server for " + millis + " ms");
                node.cutFromServer(millis);
            }
            case 8, 9 -> {
                if (other == node) {
                    return;
                }
                world.note("nothing gets from node " + node.name() + " to node " + other.name() + " for " + millis
                        + " ms");
                network.cut(node.name(), other.name(), millis);
            }
            case 10 -> {
                Duration by = Duration.ofSeconds(random.nextInt(world.oneOf(2) ? 60 : 200_000));
                world.note("the clock of node " + node.name() + " is set by " + by);
                node.time().setClock(world.oneOf(2) ? by : by.negated());
            }
            case 11 -> {
                world.note("the server is away for " + millis / 2 + " ms");
                server.restart();
                nodes.forEach(each -> each.cutFromServer(millis / 2));
            }
            case 12 -> world.any(targets).goDown(millis);
            case 13, 14 -> {
                boolean isCut = world.oneOf(2);
                world.note("something refuses calls in the name of node " + node.name() + " for " + millis + " ms"
                        + (isCut ? ", which does not reach the server" : ""));
                network.refuseInTheNameOf(node.name(), millis);
                if (isCut) {
                    node.cutFromServer(random.nextInt(10_000));
                }
            }
            default -> operate();
        }
        nodes.stream().filter(each -> each.time().isDead()).forEach(each -> world.after(20_000, each::start));
    }

    private void operate() {
        List<SimulatedNode> ready = ready();
        if (ready.isEmpty()) {
            return;
        }
        SimulatedNode node = world.any(ready);
        Ledger ledger = node.ledger();
        TargetName target = world.any(targets).name();
        int action = random.nextInt(5);
        node.time().execute(() -> operate(ledger, target, action));
    }

    private static void operate(@Nullable Ledger ledger, TargetName target, int action) {
        if (ledger == null) {
            return;
        }
        DeliveryFilter filter = DeliveryFilter.ALL.within(target);
        try {
            var unused =
                    switch (action) {
                        case 0 -> ledger.pause(target, null, null);
                        case 1 -> ledger.resume(target);
                        case 2 -> ledger.actions().replay(filter);
                        case 3 -> ledger.actions().retry(filter);
                        default -> ledger.actions().discard(filter);
                    };
        } catch (StoreException | LedgerException e) {
            // the operator tries again
        }
    }

    // ---- Healing

    private void heal() {
        healed = true;
        world.note("all troubles end");
        network.heal();
        targets.forEach(NodeTarget::heal);
        until("all nodes run", () -> {
            nodes.forEach(SimulatedNode::heal);
            return ready().size() == nodes.size();
        });
        until(
                "each shard has a node",
                () -> ready().stream().mapToInt(node -> own(node).size()).sum() == logs.size());
        checkShares();
        until("what is stored is delivered", () -> {
            now(this::resume);
            return isAllDelivered();
        });
        until("all is acknowledged", () -> {
            now(sources::sendAgain);
            return sources.isAllAcknowledged();
        });
        until("all is delivered", () -> {
            now(this::resume);
            return isAllDelivered();
        });
        until("no node has troubles", () -> ready().stream()
                .allMatch(node -> String.valueOf(troubles(node)).isEmpty()));
        sources.checkWhole(this::shardOf, this::cursor);
        checkAcknowledged();
        world.step();
    }

    private static List<Shard> own(SimulatedNode node) {
        Ledger ledger = node.ledger();
        return ledger == null ? List.of() : ledger.shards().own();
    }

    private static String troubles(SimulatedNode node) {
        Ledger ledger = node.ledger();
        return ledger == null
                ? "it does not run"
                : ledger.trouble().or(ledger::clusterTrouble).orElse("");
    }

    private void checkShares() {
        int share = (logs.size() + nodes.size() - 1) / nodes.size();
        until("no node has more than its share", () -> ready().stream()
                .allMatch(node -> own(node).size() <= share));
    }

    /** Does it now and then. */
    private void now(Runnable action) {
        if (world.nowMillis() - actedMillis > ACT_MILLIS) {
            actedMillis = world.nowMillis();
            action.run();
        }
    }

    /** Ends pauses, or replays dead letters. */
    private void resume() {
        for (NodeTarget target : targets) {
            act(world.any(ready()), 1 + random.nextInt(2), target.name());
        }
    }

    private void act(SimulatedNode node, int action, TargetName target) {
        Ledger ledger = node.ledger();
        node.time().execute(() -> operate(ledger, target, action));
    }

    private boolean isAllDelivered() {
        for (NodeTarget target : targets) {
            for (Entry entry : journal.all().values()) {
                boolean isFor = entry.change().flow().equals(target.name().flow());
                if (isFor && !target.has(entry.sequence()) && !target.needNotHave(entry.sequence())) {
                    return false;
                }
            }
        }
        return true;
    }

    private void checkAcknowledged() {
        for (Entry entry : journal.all().values()) {
            MemoryStore log = logs.get(ShardSequence.shardOf(entry.sequence()));
            world.check(
                    log.entry(entry.sequence())
                            .filter(stored -> stored.change().equals(entry.change()))
                            .isPresent(),
                    entry.change().id() + " is lost");
        }
    }

    private int shardOf(Change change) {
        return logs.size() == 1 ? 0 : (int) Math.floorMod(Hash.of(change.flow(), change.key()), (long) logs.size());
    }

    private @Nullable Cursor cursor(String name) {
        return logs.stream()
                .flatMap(log -> log.cursor(name).stream())
                .findFirst()
                .orElse(null);
    }

    private void until(String what, BooleanSupplier condition) {
        long deadline = world.nowMillis() + HEALING_MAX_MILLIS;
        while (!condition.getAsBoolean()) {
            if (world.nowMillis() > deadline) {
                throw new AssertionError("not after half an hour: " + what + state());
            }
            for (int i = 0; i < 50; i++) {
                world.step();
            }
        }
    }

    private void describe(Shard shard, StringBuilder state) {
        for (NodeTarget target : targets) {
            Dispatcher dispatcher = shard.dispatchers().find(target.name());
            TargetCounts counts = logs.get(shard.number()).counts(target.name());
            state.append("\n    shard ")
                    .append(shard.number())
                    .append(", ")
                    .append(target.name())
                    .append(": ");
            state.append(dispatcher == null ? "no dispatcher" : "under way " + dispatcher.delivering());
            state.append(", ").append(counts);
        }
    }

    private String state() {
        StringBuilder state = new StringBuilder();
        for (int shard = 0; shard < logs.size(); shard++) {
            state.append("\n  shard ").append(shard).append(": ").append(server.row(shard));
        }
        for (SimulatedNode node : nodes) {
            state.append("\n  node ").append(node.name()).append(" has ");
            own(node).forEach(shard -> state.append(shard.number()).append(' '));
            state.append(node.time().isDead() ? "dead" : troubles(node));
            own(node).forEach(shard -> describe(shard, state));
        }
        for (NodeTarget target : targets) {
            journal.all().values().stream()
                    .filter(entry -> entry.change().flow().equals(target.name().flow()))
                    .filter(entry -> !target.has(entry.sequence()) && !target.needNotHave(entry.sequence()))
                    .forEach(entry -> state.append("\n  ")
                            .append(target.name())
                            .append(" has not ")
                            .append(entry.sequence())
                            .append(" of key ")
                            .append(entry.change().key())
                            .append(", which is ")
                            .append(logs.get(ShardSequence.shardOf(entry.sequence()))
                                    .deliveries(entry.sequence())));
        }
        return state.toString();
    }
}
