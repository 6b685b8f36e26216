package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.FaultyStore.CommitFault;
import dev.serai.ledger.FaultyStore.Moved;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * One random history of a ledger from one seed, with sources, targets, operators, store failures and crashes. It checks the
 * ledger's promises after every step, and liveness after all faults have ended.
 */
final class Simulation {
    private static final Limits LIMITS = new Limits(16, 18_000, 6, 7_000, 8, 5_000, 14_000, 12, 4, 64, 4);
    private static final int STEPS = 5_000;
    private static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration HEALING_MAX = Duration.ofMinutes(30);
    /** After that nobody doubts any more whether a failure is the change's or the target's. */
    private static final Duration FAILURES_DECIDED = Duration.ofSeconds(31);

    private static final List<String> FLOWS = List.of("orders", "chats");

    private final Random random;
    private final VirtualTime time;
    private final Journal journal = new Journal();
    private final List<MemoryStore> memories = new ArrayList<>();
    private final List<FaultyStore> stores = new ArrayList<>();
    private final List<SimulatedTarget> targets = new ArrayList<>();
    private final Map<TargetName, Subscription> open = new HashMap<>();
    private final Map<TargetName, Subscription> started = new HashMap<>();
    private final List<CompletableFuture<?>> operations = new ArrayList<>();
    /** The last positions: nothing before them is pending. */
    private final Map<TargetName, Map<MemoryStore, Long>> positions = new HashMap<>();

    private final SimulatedSources sources;

    private Ledger ledger;
    private final List<SteppedWriter> writers = new ArrayList<>();
    private boolean healed;
    private BooleanSupplier isOneLeft = () -> false;
    private int depth;
    private long durableCommits;

    @SuppressWarnings("NullAway.Init") // the ledger is opened at the end
    Simulation(long seed) {
        random = new Random(seed);
        time = new VirtualTime(() -> random.nextInt(4));
        int shards = shards(seed);
        for (int shard = 0; shard < shards; shard++) {
            memories.add(shards == 1 ? new MemoryStore() : MemoryStore.ofShard(shard));
            stores.add(new FaultyStore(memories.get(shard), new Faults()));
        }
        sources = new SimulatedSources(random, time, journal, LIMITS, FLOWS, shards == 1);
        int redeliveries = 1 + random.nextInt(4);
        RedeliveryPolicy policy =
                new RedeliveryPolicy(redeliveries, Duration.ofSeconds(1), 2, Duration.ofSeconds(30), 0.2);
        for (String name : List.of("orders/shop", "orders/bank", "chats/web", "chats/late")) {
            TargetName target = new TargetName(name.split("/", -1)[0], name.split("/", -1)[1]);
            TargetOptions options = options(policy, !name.endsWith("late"), random.nextInt(3) == 0);
            targets.add(new SimulatedTarget(
                    target, options, random, time, journal, this::shardOf, sequence -> isDiscarded(target, sequence)));
        }
        openLedger();
    }

    /** Every fourth history is that of a ledger of 2 to 4 shards. */
    private static int shards(long seed) {
        return seed % 4 == 0 ? 2 + (int) (seed / 4 % 3) : 1;
    }

    private int shardOf(long sequence) {
        return memories.size() == 1 ? 0 : ShardSequence.shardOf(sequence);
    }

    private TargetOptions options(RedeliveryPolicy policy, boolean fromEarliest, boolean mayBlock) {
        int batchSize = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
        boolean ordered = random.nextInt(4) != 0;
        boolean coalesce = ordered && random.nextInt(4) == 0;
        boolean versionGuard = random.nextInt(4) == 0;
        double rate = random.nextInt(6) == 0 ? 5 + random.nextInt(50) : 0;
        int concurrency = 1 + random.nextInt(4);
        return new TargetOptions(
                concurrency,
                batchSize,
                ordered,
                coalesce,
                versionGuard,
                rate,
                policy,
                fromEarliest,
                ordered && mayBlock,
                DELIVERY_TIMEOUT);
    }

    int changes() {
        return journal.all().size();
    }

    long deliveries() {
        return targets.stream().mapToLong(SimulatedTarget::deliveries).sum();
    }

    long recalls() {
        return targets.stream().mapToLong(SimulatedTarget::recalls).sum();
    }

    // ---- The history

    void run() {
        for (int step = 0; step < STEPS; step++) {
            anything();
            sources.check();
            targets.forEach(SimulatedTarget::check);
        }
        heal();
        untilOrFail("what waits is delivered", this::isAllButPoisonSettled);
        targets.forEach(SimulatedTarget::cure);
        until(() -> targets.stream().noneMatch(SimulatedTarget::isAnyHanging)); // one that was skipped will be dead
        long decidedMillis = time.monotonicMillis() + FAILURES_DECIDED.toMillis();
        until(() -> time.monotonicMillis() > decidedMillis);
        unblock();
        untilOrFail("dead letters are delivered", this::isAllSettled);
        sources.oneOfEachKey(ledger);
        untilOrFail("no key is stuck", this::isAllSettled);
        sources.check();
        checkCounts();
        checkRefusals();
    }

    private void checkRefusals() {
        assertThat(ledger.refusedWrites()).as("refused writes").isZero();
    }

    private void anything() {
        int die = random.nextInt(10_000);
        if (die < 3_500) {
            writer().stepOnce();
        } else if (die < 7_000) {
            time.runDue();
        } else if (die < 8_200) {
            time.advance(Duration.ofMillis(random.nextInt(random.nextInt(10) == 0 ? 10_000 : 500)));
        } else if (die < 9_000) {
            sources.sendOne(ledger);
        } else if (die < 9_300) {
            sources.sendStates(ledger);
        } else if (die < 9_600) {
            sources.sendBatch(ledger);
        } else if (die < 9_900) {
            operate(any(targets));
        } else if (die < 9_950) {
            any(targets).goDown(Duration.ofSeconds(1 + random.nextInt(180)));
        } else if (die < 9_970) {
            any(targets).hang(Duration.ofSeconds(1 + random.nextInt(60)));
        } else if (die < 9_980) {
            setClock();
        } else {
            crash();
        }
    }

    /** Back or forward, by seconds or by days. */
    private void setClock() {
        Duration by = Duration.ofMillis(random.nextInt(random.nextBoolean() ? 10_000 : 300_000_000));
        time.set(random.nextBoolean() ? by : by.negated());
    }

    private void operate(SimulatedTarget target) {
        TargetName name = target.name();
        Subscription subscription = started.get(name);
        switch (random.nextInt(12)) {
            case 0 -> pause(name, true);
            case 1, 2 -> pause(name, false);
            case 3 -> operations.add(replay(filter(target), random.nextInt(3)));
            case 4 -> operations.add(ledger.actions().discard(filter(target)));
            case 5 -> {
                if (subscription != null) {
                    subscription.suspend();
                }
            }
            case 6 -> {
                if (subscription != null) {
                    subscription.resume();
                }
            }
            case 7 -> {
                close(target);
                if (random.nextInt(3) == 0) { // a reload with other options
                    TargetOptions was = target.options();
                    target.options(options(was.redelivery(), was.fromEarliest(), random.nextInt(3) == 0));
                }
            }
            case 8 -> {
                if (random.nextInt(20) == 0) {
                    close(target);
                    remove(name);
                }
            }
            case 9 -> operations.add(ledger.actions().retry(filter(target)));
            case 10 -> operations.add(ledger.actions().skip(filter(target), SimulatedTarget.SKIPPED));
            default -> subscribe(target);
        }
    }

    private void remove(TargetName name) {
        try {
            operations.add(ledger.removeTarget(name));
        } catch (StoreException e) {
            // the store could not be read; tried again later
        }
    }

    private void pause(TargetName name, boolean paused) {
        try {
            operations.add(paused ? ledger.pause(name, null, null) : ledger.resume(name));
        } catch (StoreException e) {
            // the store could not be read; tried again later
        }
    }

    private DeliveryFilter filter(SimulatedTarget target) {
        DeliveryFilter filter = DeliveryFilter.ALL;
        if (random.nextBoolean()) {
            filter = filter.within(target.name());
        }
        if (random.nextInt(3) == 0) {
            List<String> keys = List.of(sources.key(), sources.key());
            filter = new DeliveryFilter(filter.flow(), filter.target(), keys, List.of(), null, null);
        }
        return filter;
    }

    private void crash() {
        checkRefusals();
        time.crash();
        targets.forEach(SimulatedTarget::crash);
        open.clear();
        started.clear();
        operations.clear();
        sources.crash();
        depth = 0;
        memories.forEach(MemoryStore::reopen);
        stores.forEach(FaultyStore::reopen);
        openLedger();
    }

    private void openLedger() {
        LedgerSettings settings = new LedgerSettings(
                LIMITS,
                new Retention(Duration.ofDays(1), Duration.ofDays(1)),
                time.clock(),
                random,
                time.scheduler(),
                time.scheduler(),
                (target, state, age) -> {});
        writers.clear();
        ledger = new Ledger(List.copyOf(stores), settings, (inner, limits, clock, afterCommit) -> {
            SteppedWriter made = new SteppedWriter(inner, limits, clock, afterCommit, this::aMoment);
            writers.add(made);
            return made;
        });
        targets.forEach(this::subscribe);
    }

    private SteppedWriter writer() {
        return writers.size() == 1 ? writers.get(0) : any(writers);
    }

    private void subscribe(SimulatedTarget target) {
        TargetName name = target.name();
        try {
            if (!open.containsKey(name)) {
                for (int shard = 0; shard < memories.size(); shard++) {
                    if (!memories.get(shard).knows(name)) {
                        target.removed(shard);
                    }
                }
                try {
                    open.put(name, ledger.subscribe(name, target.options(), target, new TargetCircuit(time)));
                } finally {
                    for (int shard = 0; shard < memories.size(); shard++) {
                        MemoryStore memory = memories.get(shard);
                        if (memory.knows(name)) {
                            target.known(shard, memory.counts(name).position());
                        }
                    }
                }
            }
            Subscription subscription = Objects.requireNonNull(open.get(name));
            if (!started.containsKey(name)) {
                subscription.start();
                started.put(name, subscription);
            }
        } catch (StoreException e) {
            // tried again later
        }
    }

    private void close(SimulatedTarget target) {
        Subscription subscription = open.remove(target.name());
        started.remove(target.name());
        if (subscription != null) {
            boolean quiet = subscription.close(Duration.ZERO);
            if (!quiet) {
                target.forgetInFlight();
            }
        }
    }

    /** While someone waits for the writer. */
    private void aMoment() {
        time.advance(Duration.ofMillis(200));
        time.runDue();
    }

    // ---- Healing

    private void heal() {
        healed = true;
        setClock();
        targets.forEach(SimulatedTarget::heal);
        until(() -> ledger.trouble().isEmpty()
                && sources.isQuiet()
                && operations.stream().allMatch(CompletableFuture::isDone));
        for (SimulatedTarget target : targets) {
            if (random.nextInt(4) == 0) {
                close(target);
                TargetOptions was = target.options();
                target.options(new TargetOptions(
                        was.concurrency(),
                        was.batchSize(),
                        was.ordered(),
                        was.coalesce(),
                        was.versionGuard(),
                        was.ratePerSecond(),
                        was.redelivery(),
                        was.fromEarliest(),
                        false,
                        DELIVERY_TIMEOUT));
            }
            subscribe(target);
            Objects.requireNonNull(started.get(target.name())).resume();
            operations.add(ledger.resume(target.name()));
        }
    }

    private CompletableFuture<Integer> replay(DeliveryFilter filter, int perSecond) {
        return perSecond == 0
                ? ledger.actions().replay(filter)
                : ledger.actions()
                        .replay(ledger.actions().newReplay(), filter, perSecond, 1)
                        .allMoved();
    }

    /** Dead letters are replayed, or dropped. */
    private void unblock() {
        if (random.nextBoolean()) {
            operations.add(ledger.actions()
                    .discard(DeliveryFilter.ALL.within(any(targets).name())));
        }
        until(() -> operations.stream().allMatch(CompletableFuture::isDone));
        operations.add(replay(DeliveryFilter.ALL, random.nextInt(20)));
    }

    private void untilOrFail(String what, BooleanSupplier condition) {
        if (!until(condition)) {
            throw new AssertionError(what + " within " + HEALING_MAX + "; operations "
                    + operations.stream().map(CompletableFuture::isDone).toList() + ", sources "
                    + sources.isQuiet() + ", " + ledger.flows() + "; unsettled " + unsettled());
        }
    }

    private boolean until(BooleanSupplier condition) {
        long end = time.monotonicMillis() + HEALING_MAX.toMillis();
        while (time.monotonicMillis() < end) {
            targets.forEach(SimulatedTarget::check);
            long before = durableCommits;
            writers.forEach(SteppedWriter::stepOnce);
            boolean ran = time.runDue();
            if (!ran && durableCommits == before) {
                if (condition.getAsBoolean()) {
                    return true;
                }
                time.advance(Duration.ofSeconds(1));
            }
        }
        return false;
    }

    private boolean isAllButPoisonSettled() {
        if (isOneLeft.getAsBoolean()) {
            return false;
        }
        for (SimulatedTarget target : targets) {
            for (Entry entry : journal.all().values()) {
                boolean poison = entry.change().key().equals(SimulatedTarget.POISON);
                boolean maySettle = !poison && !target.options().blockOnDeadLetter();
                if (maySettle && isFor(entry, target) && !isSettled(target, entry.sequence())) {
                    // Until it is settled the others need not be looked at.
                    isOneLeft = () -> !isSettled(target, entry.sequence());
                    return false;
                }
            }
        }
        return operations.stream().allMatch(CompletableFuture::isDone);
    }

    private boolean isAllSettled() {
        return targets.stream().noneMatch(this::isAnyUnsettled)
                && sources.isQuiet()
                && operations.stream().allMatch(CompletableFuture::isDone);
    }

    private List<String> unsettled() {
        List<String> unsettled = new ArrayList<>();
        for (SimulatedTarget target : targets) {
            journal.all().values().stream()
                    .filter(entry -> isUnsettled(entry, target))
                    .forEach(entry -> unsettled.add(target.name() + " " + entry.sequence() + " of key "
                            + entry.change().key() + " " + state(target.name(), entry.sequence())));
        }
        return unsettled;
    }

    private boolean isAnyUnsettled(SimulatedTarget target) {
        return journal.all().values().stream().anyMatch(entry -> isUnsettled(entry, target));
    }

    private boolean isUnsettled(Entry entry, SimulatedTarget target) {
        DeliveryState state = state(target.name(), entry.sequence());
        return isFor(entry, target)
                && state != DeliveryState.DISCARDED
                && state != DeliveryState.SUPERSEDED
                && !(state == DeliveryState.DELIVERED && target.has(entry.sequence()));
    }

    private static boolean isFor(Entry entry, SimulatedTarget target) {
        return entry.change().flow().equals(target.name().flow()) && target.gets(entry.sequence());
    }

    private boolean isSettled(SimulatedTarget target, long sequence) {
        return state(target.name(), sequence).isSettled();
    }

    private DeliveryState state(TargetName target, long sequence) {
        return memories.get(shardOf(sequence)).state(target, sequence);
    }

    private boolean isDiscarded(TargetName target, long sequence) {
        return state(target, sequence) == DeliveryState.DISCARDED;
    }

    // ---- Checks

    private void checkCounts() {
        for (FlowStatus flow : ledger.flows()) {
            long accepted = journal.all().values().stream()
                    .filter(entry -> entry.change().flow().equals(flow.flow()))
                    .count();
            assertThat(flow.accepted()).as("accepted by %s", flow.flow()).isEqualTo(accepted);
            for (TargetStatus status : flow.targets()) {
                assertThat(status.pending() + status.delivering() + status.waiting() + status.parked() + status.dead())
                        .as("open for %s", status)
                        .isZero();
                assertThat(status.oldest()).isNull();
                assertThat(status.delivered()).isEqualTo(count(new TargetName(flow.flow(), status.target())));
            }
        }
        sources.checkCursors(memories);
    }

    private long count(TargetName target) {
        return journal.all().keySet().stream()
                .filter(sequence -> state(target, sequence) == DeliveryState.DELIVERED)
                .count();
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private final class Faults implements FaultyStore.Faults {
        @Override
        public boolean readFails() {
            return !healed && random.nextInt(60) == 0;
        }

        @Override
        public CommitFault commit() {
            if (healed || random.nextInt(60) != 0) {
                return CommitFault.NONE;
            }
            return random.nextBoolean() ? CommitFault.BEFORE : CommitFault.AFTER;
        }

        @Override
        public void meanwhile() {
            if (depth >= 2 || healed) {
                return;
            }
            depth++;
            while (random.nextInt(3) == 0) {
                if (random.nextBoolean()) {
                    writer().stepOnce();
                } else {
                    time.runDue();
                }
            }
            depth--;
        }

        @Override
        public void durable(List<Entry> inserted, List<Moved> moves) {
            durableCommits += inserted.size() + moves.size();
            inserted.forEach(journal::durable);
            for (SimulatedTarget target : targets) {
                moves.stream()
                        .filter(moved -> moved.delivery().target().equals(target.name()))
                        .forEach(moved -> {
                            target.stored(moved);
                            checkOrder(target, moved);
                        });
                memories.stream()
                        .filter(memory -> memory.knows(target.name()))
                        .forEach(memory -> checkPosition(memory, target.name()));
            }
            sources.checkCursors(memories);
        }

        /** While a target has an order, what has a row and is not settled follows earlier changes of its key that have one. */
        private void checkOrder(SimulatedTarget target, Moved moved) {
            DeliveryState state = moved.delivery().state();
            boolean isOpen = state.isHeld() || state == DeliveryState.DEAD;
            if (!isOpen || !target.options().ordered() || !started.containsKey(target.name())) {
                return;
            }
            Entry entry = journal.entry(moved.sequence());
            assertThat(moved.keyHash())
                    .as("held by its key")
                    .isEqualTo(Hash.of(entry.change().key()));
            for (long earlier : journal.before(entry, 0)) {
                assertThat(target.gets(earlier) && state(target.name(), earlier) == DeliveryState.PENDING)
                        .as("%d is pending for %s before %s", earlier, target.name(), moved)
                        .isFalse();
            }
        }

        private void checkPosition(MemoryStore memory, TargetName target) {
            long position = memory.position(target);
            Map<MemoryStore, Long> checked = positions.computeIfAbsent(target, none -> new HashMap<>());
            long before = Math.min(position, checked.getOrDefault(memory, 0L)); // less if the target was added anew
            assertThat(memory.isAnyPending(target, before, position))
                    .as("pending for %s up to its position %d", target, position)
                    .isFalse();
            checked.put(memory, position);
        }
    }
}
