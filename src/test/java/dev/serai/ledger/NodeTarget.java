package dev.serai.ledger;

import dev.serai.ledger.FaultyStore.Moved;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.store.postgres.SimulatedServer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A target that several nodes deliver to. It is slow and fails at times. It checks that only the node that has the lease of a shard
 * begins deliveries of it, and that none begins before the target has what came before in the key, or never gets it.
 */
final class NodeTarget {
    private final TargetName name;
    private final TargetOptions options;
    private final NodeWorld world;
    private final Journal journal;
    private final SimulatedServer server;
    private final Set<Long> received = new HashSet<>();
    /** Given up, left out or discarded at some time: what follows in the key may go on. */
    private final Set<Long> passable = new HashSet<>();

    private final Map<String, Long> newest = new HashMap<>();
    private final Map<String, String> versions = new HashMap<>();
    private long downUntilMillis;
    private boolean healthy;
    private long deliveries;

    NodeTarget(TargetName name, TargetOptions options, NodeWorld world, Journal journal, SimulatedServer server) {
        this.name = name;
        this.options = options;
        this.world = world;
        this.journal = journal;
        this.server = server;
    }

    TargetName name() {
        return name;
    }

    TargetOptions options() {
        return options;
    }

    boolean has(long sequence) {
        return received.contains(sequence);
    }

    boolean needNotHave(long sequence) {
        return passable.contains(sequence);
    }

    long deliveries() {
        return deliveries;
    }

    void goDown(long millis) {
        downUntilMillis = world.nowMillis() + millis;
    }

    /** From now on nothing fails. */
    void heal() {
        healthy = true;
        downUntilMillis = 0;
    }

    /** A delivery row of this target is durable. */
    void stored(Moved moved) {
        DeliveryState state = moved.delivery().state();
        if (state == DeliveryState.DEAD || state == DeliveryState.DISCARDED || state == DeliveryState.SUPERSEDED) {
            passable.add(moved.sequence());
        }
        if (state == DeliveryState.DELIVERED) {
            world.check(has(moved.sequence()), name + " never got " + moved);
        }
    }

    /** As one node sees it. */
    Target of(NodeTime node, String id) {
        return new Target() {
            @Override
            public void deliver(List<Sending> changes, Consumer<Outcome> done) {
                if (!node.isDead()) {
                    changes.forEach(sending -> checkBegin(node, id, sending.entry()));
                    NodeTarget.this.deliver(node, changes, done);
                }
            }

            @Override
            public boolean hasDeadline(List<Sending> changes) {
                noteGivenUp(changes, new Outcome.Failed(null, "too late", null, true));
                return true;
            }
        };
    }

    private void deliver(NodeTime node, List<Sending> changes, Consumer<Outcome> done) {
        deliveries += changes.size();
        boolean isSlow = !healthy && world.oneOf(20);
        long millis = world.random.nextInt(isSlow ? 25_000 : 40);
        world.after(millis, () -> {
            Outcome outcome = outcome(changes);
            world.after(
                    world.random.nextInt(isSlow ? 5_000 : 20),
                    () -> node.execute(() -> {
                        noteGivenUp(changes, outcome);
                        done.accept(outcome);
                    }));
        });
    }

    /** What is given up lets the key go on before that is durable. The outcome of a batch decides about none of it. */
    private void noteGivenUp(List<Sending> changes, Outcome outcome) {
        Sending only = changes.get(0);
        boolean isLast = only.attempt() > options.redelivery().maximumRedeliveries();
        if (changes.size() == 1
                && (outcome instanceof Outcome.Refused || (outcome instanceof Outcome.Failed && isLast))) {
            passable.add(only.entry().sequence());
        }
    }

    private void checkBegin(NodeTime node, String id, Entry entry) {
        int shard = ShardSequence.shardOf(entry.sequence());
        world.check(
                server.isLeased(shard, id),
                "node " + node + " delivers " + entry.sequence() + " of shard " + shard + " to " + name
                        + " without its lease: " + server.row(shard));
        if (!options.ordered()) {
            return;
        }
        for (long earlier : journal.before(entry, 0)) {
            world.check(
                    has(earlier) || passable.contains(earlier) || isOutdated(earlier),
                    name + " gets " + entry.sequence() + " of key "
                            + entry.change().key() + " from " + node + " before " + earlier);
        }
    }

    private boolean isOutdated(long sequence) {
        Change change = journal.entry(sequence).change();
        String version = change.version();
        String before = versions.get(change.key());
        return options.versionGuard() && version != null && before != null && VersionOrder.compare(version, before) < 0;
    }

    private Outcome outcome(List<Sending> changes) {
        int die = healthy ? 0 : world.random.nextInt(1_000);
        if (world.nowMillis() < downUntilMillis) {
            return die < 700 ? new Outcome.Unreachable("refused") : new Outcome.Failed(503, "busy", null, true);
        }
        if (die < 850) {
            changes.forEach(sending -> receive(sending.entry()));
            return new Outcome.Delivered(200);
        } else if (die < 900) { // it has it all the same
            changes.forEach(sending -> receive(sending.entry()));
            return new Outcome.Failed(504, "timed out", null, true);
        } else if (die < 960) {
            return new Outcome.Failed(500, "oops", null, false);
        } else if (die < 980) {
            return new Outcome.Refused(400, "no");
        }
        return new Outcome.Unreachable("reset");
    }

    private void receive(Entry entry) {
        Change change = entry.change();
        if (!received.add(entry.sequence())) {
            return; // once more
        }
        if (change.version() != null) {
            versions.merge(
                    change.key(), change.version(), (one, other) -> VersionOrder.compare(one, other) < 0 ? other : one);
        }
        long last = newest.merge(change.key(), entry.sequence(), Math::max);
        world.check(
                last == entry.sequence() || passable.contains(entry.sequence()) || !options.ordered(),
                name + " has " + entry.sequence() + " of key " + change.key() + " after " + last);
    }
}
