package dev.serai.ledger;

import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Senders that push changes to any of several nodes, and wait for some deliveries; they send again what was not answered well, and at
 * times what was. For each flow a source is read in batches with a cursor.
 */
final class NodeSources {
    private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    private static final List<String> VERSIONED = List.of("a", "b");
    private static final Duration WAIT_MAX = Duration.ofSeconds(20);

    private final NodeWorld world;
    private final SimulatedNetwork network;
    private final Journal journal;
    private final List<String> flows;
    private final List<NodeTarget> targets;
    private final Supplier<List<SimulatedNode>> nodes;
    private final List<Change> sent = new ArrayList<>();
    private final Map<String, Change> unanswered = new LinkedHashMap<>();
    private final Map<String, Integer> nextBatch = new HashMap<>();
    private final Map<String, List<Change>> batches = new HashMap<>();
    private final Set<String> reading = new HashSet<>();
    private int number;

    /** @param nodes that can be asked now */
    NodeSources(
            NodeWorld world,
            SimulatedNetwork network,
            Journal journal,
            List<String> flows,
            List<NodeTarget> targets,
            Supplier<List<SimulatedNode>> nodes) {
        this.world = world;
        this.network = network;
        this.journal = journal;
        this.flows = flows;
        this.targets = targets;
        this.nodes = nodes;
    }

    void send() {
        if (world.oneOf(3) && !unanswered.isEmpty()) {
            send(world.any(List.copyOf(unanswered.values())));
        } else if (world.oneOf(10) && !sent.isEmpty()) {
            send(world.any(sent));
        } else {
            send(change(world.any(flows), "i" + number++, world.any(KEYS)));
        }
    }

    boolean isAllAcknowledged() {
        return unanswered.isEmpty() && reading.isEmpty();
    }

    /** Sends again what is not acknowledged. */
    void sendAgain() {
        List.copyOf(unanswered.values()).forEach(this::send);
        flows.forEach(flow -> nextBatch(flow, true));
    }

    private void send(Change change) {
        sent.add(change);
        if (!journal.isAcknowledged(change)) {
            unanswered.put(change.id(), change);
        }
        boolean before = journal.isAcknowledged(change);
        if (world.oneOf(6)) {
            ask(
                    List.of(change),
                    ledger -> ledger.acceptAndWait(change, null, WAIT_MAX),
                    (confirmation, failure) -> confirmed(change, before, confirmation, failure));
        } else {
            ask(
                    List.of(change),
                    ledger -> ledger.accept(change),
                    (receipt, failure) -> answered(change, before, receipt, failure));
        }
    }

    private void confirmed(
            Change change, boolean before, @Nullable Confirmation confirmation, @Nullable Throwable failure) {
        answered(change, before, confirmation == null ? null : confirmation.receipt(), failure);
        if (confirmation != null && confirmation.state() == DeliveryState.DELIVERED) {
            for (NodeTarget target : targets) {
                world.check(
                        !target.name().flow().equals(change.flow())
                                || target.has(confirmation.receipt().sequence()),
                        change.id() + " is said to be delivered to " + target.name());
            }
        }
    }

    private void answered(Change change, boolean before, @Nullable Receipt receipt, @Nullable Throwable failure) {
        if (receipt == null) {
            checkRefusal(failure);
        } else {
            journal.acknowledged(change, receipt, before);
            unanswered.remove(change.id());
        }
    }

    private void checkRefusal(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        world.check(
                cause instanceof LedgerException.Overloaded || cause instanceof LedgerException.Unavailable,
                "refused: " + cause);
    }

    /** The next batch of a flow, or the last one again if it was not answered well. */
    void readBatch() {
        nextBatch(world.any(flows), false);
    }

    private void nextBatch(String flow, boolean onlyUnfinished) {
        int batch = nextBatch.getOrDefault(flow, 1);
        if (reading.contains(flow) || (onlyUnfinished && !batches.containsKey(flow + batch))) {
            return;
        }
        List<Change> changes = batches.computeIfAbsent(flow + batch, none -> batch(flow, batch));
        Cursor cursor = new Cursor("pull-" + flow, "" + batch, Instant.EPOCH);
        reading.add(flow);
        boolean asked = ask(
                changes,
                ledger -> {
                    try {
                        return ledger.accept(changes, cursor);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                (receipts, failure) -> {
                    reading.remove(flow);
                    if (receipts == null) {
                        checkRefusal(failure);
                    } else {
                        nextBatch.put(flow, batch + 1);
                        for (int i = 0; i < changes.size(); i++) {
                            journal.acknowledged(changes.get(i), receipts.get(i), false);
                        }
                    }
                });
        if (!asked) {
            reading.remove(flow);
        }
    }

    private List<Change> batch(String flow, int batch) {
        List<Change> changes = new ArrayList<>();
        int size = 1 + world.random.nextInt(5);
        for (int i = 0; i < size; i++) {
            changes.add(change(flow, "b" + batch + "-" + i, KEYS.get((batch + i) % KEYS.size())));
        }
        return changes;
    }

    /** One request to some node; a node that dies never answers, and then the sender gives up. */
    private <T> boolean ask(
            List<Change> changes,
            Function<Ledger, CompletableFuture<T>> request,
            BiConsumer<@Nullable T, @Nullable Throwable> answer) {
        List<SimulatedNode> ready = nodes.get();
        if (ready.isEmpty()) {
            return false;
        }
        SimulatedNode node = world.any(ready);
        NodeTime process = node.time();
        Ledger ledger = Objects.requireNonNull(node.ledger());
        network.sends(changes);
        CompletableFuture<T> answered = new CompletableFuture<>();
        world.after(
                network.latencyMillis(),
                () -> process.execute(() -> request.apply(ledger)
                        .whenComplete((result, failure) -> world.after(network.latencyMillis(), () -> {
                            if (failure == null) {
                                answered.complete(result);
                            } else {
                                answered.completeExceptionally(failure);
                            }
                        }))));
        world.after(
                60_000,
                () -> answered.completeExceptionally(new LedgerException.Overloaded("given up", Duration.ZERO)));
        answered.whenComplete((result, failure) -> {
            try {
                answer.accept(result, failure);
            } catch (RuntimeException | AssertionError e) {
                world.fail(e);
            }
        });
        return true;
    }

    /** A batch is stored as a whole in each shard, or not at all; and a cursor is stored after all that it stands for. */
    void checkWhole(Function<Change, Integer> shardOf, Function<String, @Nullable Cursor> cursors) {
        for (String flow : flows) {
            Cursor cursor = cursors.apply("pull-" + flow);
            int saved = cursor == null ? 0 : Integer.parseInt(cursor.value());
            for (int batch = 1; batches.containsKey(flow + batch); batch++) {
                Map<Integer, Set<Boolean>> parts = new HashMap<>();
                for (Change change : Objects.requireNonNull(batches.get(flow + batch))) {
                    boolean durable = journal.isDurable(flow, change.id());
                    parts.computeIfAbsent(shardOf.apply(change), none -> new HashSet<>())
                            .add(durable);
                    world.check(durable || batch > saved, change.id() + " is not stored, but the cursor " + saved);
                }
                parts.forEach((shard, stored) ->
                        world.check(stored.size() == 1, "shard " + shard + " has a half of a batch of " + flow));
            }
        }
    }

    private Change change(String flow, String id, String key) {
        String version = VERSIONED.contains(key) ? "" + (number + world.random.nextInt(3)) : null;
        String unique = flow + "-" + id;
        return new Change(
                flow,
                unique,
                key,
                version,
                Operation.UPSERT,
                null,
                Map.of(),
                ("body of " + unique).getBytes(StandardCharsets.UTF_8));
    }
}
