package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sources that push changes, some twice or malformed, and for each flow one source that pulls batches with a cursor, and a
 * lamp that reports its states without ids.
 */
final class SimulatedSources {
    private static final String LAMP = "lamp";
    private static final List<String> STATES = List.of("on", "off", "dim");
    private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f", "g", SimulatedTarget.POISON);

    /** Keys whose changes have versions, which do not always come in order. */
    private static final List<String> VERSIONED = List.of("a", "b", "c");

    private final Random random;
    private final VirtualTime time;
    private final Journal journal;
    private final Limits limits;
    private final List<String> flows;
    private final boolean oneShard;
    private final List<Change> sent = new ArrayList<>();
    private final Map<String, Integer> nextBatch = new HashMap<>();
    private final Map<String, List<Change>> batches = new HashMap<>();
    private final Set<String> running = new HashSet<>();
    /** By flow: the lamp's states that are sent until they are answered, and all that were. */
    private final Map<String, List<Change>> states = new HashMap<>();

    private final Map<String, List<Change>> toldStates = new HashMap<>();
    private final Map<String, Integer> storedBefore = new HashMap<>();
    private @Nullable AssertionError broken;
    private int number;
    private int unanswered;
    private int process;

    SimulatedSources(
            Random random, VirtualTime time, Journal journal, Limits limits, List<String> flows, boolean oneShard) {
        this.random = random;
        this.time = time;
        this.journal = journal;
        this.limits = limits;
        this.flows = flows;
        this.oneShard = oneShard;
    }

    String key() {
        return KEYS.get(random.nextInt(KEYS.size()));
    }

    boolean isQuiet() {
        return unanswered == 0;
    }

    /** Drops all pending answers. */
    void crash() {
        unanswered = 0;
        process++;
        running.clear();
    }

    void sendOne(Ledger ledger) {
        int die = random.nextInt(10);
        if (die < 2 && !sent.isEmpty()) {
            Change before = sent.get(random.nextInt(sent.size()));
            send(ledger, die == 0 ? withOtherBody(before) : before);
        } else {
            send(ledger, change(flows.get(random.nextInt(flows.size())), "i" + number++, key()));
        }
    }

    void oneOfEachKey(Ledger ledger) {
        for (String flow : flows) {
            KEYS.forEach(key -> send(ledger, change(flow, "last-" + key, key)));
        }
    }

    private void send(Ledger ledger, Change change) {
        sent.add(change);
        boolean before = journal.isAcknowledged(change);
        boolean full = unanswered + 1 > limits.queuedChangesMax();
        boolean troubled = oneShard && ledger.trouble().isPresent();
        int sentBy = process;
        unanswered++;
        whenAnswered(ledger.accept(change), (receipt, failure) -> {
            if (sentBy != process) {
                return;
            }
            unanswered--;
            if (receipt != null) {
                journal.acknowledged(change, receipt, before);
                return;
            }
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof LedgerException.Conflict) {
                journal.refused(change);
            } else if (cause instanceof LedgerException.Overloaded) {
                assertThat(full).as("the gate is full").isTrue();
            } else {
                assertThat(cause).isInstanceOf(LedgerException.Unavailable.class);
            }
            assertThat(troubled && !(cause instanceof LedgerException.Unavailable))
                    .as("trouble is told at once")
                    .isFalse();
        });
    }

    /** The next batch of a flow, or the last one again if it was not answered well. */
    void sendBatch(Ledger ledger) {
        String flow = flows.get(random.nextInt(flows.size()));
        String name = "pull-" + flow;
        int batch = nextBatch.getOrDefault(flow, 1);
        List<Change> changes = batches.computeIfAbsent(flow + batch, first -> batch(flow, batch));
        Cursor cursor = new Cursor(name, "" + batch, time.instant());
        sendAll(ledger, name, changes, cursor, receipts -> {
            nextBatch.put(flow, batch + 1);
            for (int i = 0; i < changes.size(); i++) {
                journal.acknowledged(changes.get(i), receipts.get(i), false);
            }
        });
    }

    /** The next states of a lamp, or the last ones again if they were not answered well. */
    void sendStates(Ledger ledger) {
        String flow = flows.get(random.nextInt(flows.size()));
        List<Change> told = toldStates.computeIfAbsent(flow, none -> new ArrayList<>());
        List<Change> changes = states.computeIfAbsent(flow, none -> states(flow, told));
        int before = storedBefore.computeIfAbsent(flow, none -> journal.count(changes.get(0)));
        Change last = told.isEmpty() ? null : told.get(told.size() - 1);
        boolean stale = last != null && isOlder(changes.get(0), last);
        sendAll(ledger, flow + LAMP, changes, null, receipts -> {
            states.remove(flow);
            storedBefore.remove(flow);
            for (int i = 0; i < changes.size(); i++) {
                journal.acknowledgedState(changes.get(i), receipts.get(i));
            }
            assertThat(journal.count(changes.get(0)) - before)
                    .as("stored of %d states", changes.size())
                    .isBetween(0, stale ? 0 : changes.size());
            if (!stale) {
                told.addAll(changes);
            }
            journal.isNewest(told.get(told.size() - 1));
        });
    }

    /** A few states of one version, which may be the last one; at times one that is older. */
    private List<Change> states(String flow, List<Change> told) {
        Change last = told.isEmpty() ? state(flow, 1) : told.get(told.size() - 1);
        if (random.nextInt(6) == 0) {
            List<Change> older =
                    told.stream().filter(state -> isOlder(state, last)).toList();
            if (!older.isEmpty()) {
                return List.of(older.get(random.nextInt(older.size())));
            }
        }
        int version = Integer.parseInt(String.valueOf(last.version())) + (random.nextInt(4) == 0 ? 1 : 0);
        List<Change> changes = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            changes.add(state(flow, version));
        }
        return changes;
    }

    private Change state(String flow, int version) {
        byte[] body = STATES.get(random.nextInt(STATES.size())).getBytes(StandardCharsets.UTF_8);
        Operation operation = random.nextInt(4) == 0 ? Operation.DELETE : Operation.UPSERT;
        String id = Change.idOf(flow, LAMP, "" + version, operation, body);
        return new Change(flow, id, LAMP, "" + version, operation, null, Map.of(), body, true);
    }

    private static boolean isOlder(Change one, Change other) {
        return Integer.parseInt(String.valueOf(one.version())) < Integer.parseInt(String.valueOf(other.version()));
    }

    private void sendAll(
            Ledger ledger,
            String sender,
            List<Change> changes,
            @Nullable Cursor cursor,
            Consumer<List<Receipt>> accepted) {
        int size = changes.size();
        if (running.contains(sender) || unanswered + size > limits.queuedChangesMax()) {
            return;
        }
        running.add(sender);
        unanswered += size;
        int sentBy = process;
        try {
            whenAnswered(ledger.accept(changes, cursor), (receipts, failure) -> {
                if (sentBy == process) {
                    unanswered -= size;
                    running.remove(sender);
                    if (receipts != null) {
                        accepted.accept(receipts);
                    }
                }
            });
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<Change> batch(String flow, int batch) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            changes.add(change(flow, "b" + batch + "-" + i, KEYS.get((batch + i) % KEYS.size())));
        }
        return changes;
    }

    /** Reports an exception of a check in a callback, which a future would swallow. */
    private <T> void whenAnswered(CompletableFuture<T> answer, BiConsumer<@Nullable T, @Nullable Throwable> check) {
        answer.whenComplete((result, failure) -> {
            try {
                check.accept(result, failure);
            } catch (RuntimeException | AssertionError e) {
                broken = new AssertionError(e.getMessage(), e);
            }
        });
    }

    void check() {
        if (broken != null) {
            throw broken;
        }
    }

    /** Checks that a cursor was saved only after its batch was accepted, and in one shard together with it. */
    void checkCursors(List<MemoryStore> stores) {
        for (String flow : flows) {
            int saved = stores.stream()
                    .flatMap(store -> store.cursor("pull-" + flow).stream())
                    .mapToInt(cursor -> Integer.parseInt(cursor.value()))
                    .sum();
            int begun = nextBatch.getOrDefault(flow, 1);
            assertThat(saved).isBetween(begun - 1, begun);
            for (int batch = Math.max(1, begun - 1); batch <= begun; batch++) { // those before stay durable
                for (Change change : batches.getOrDefault(flow + batch, List.of())) {
                    boolean durable = journal.isDurable(flow, change.id());
                    boolean may = batch <= saved || (!oneShard && durable);
                    assertThat(durable).as("%s, cursor %d", change.id(), saved).isEqualTo(may);
                }
            }
        }
    }

    private Change change(String flow, String id, String key) {
        String body = "body of " + id + "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 300 : 30));
        String version = VERSIONED.contains(key) ? "" + (number + random.nextInt(5)) : null;
        return new Change(
                flow, id, key, version, Operation.UPSERT, null, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    private static Change withOtherBody(Change before) {
        return new Change(
                before.flow(),
                before.id(),
                before.key(),
                before.version(),
                before.operation(),
                null,
                before.headers(),
                (new String(before.body(), StandardCharsets.UTF_8) + "!").getBytes(StandardCharsets.UTF_8));
    }
}
