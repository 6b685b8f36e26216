package dev.serai.ledger;

import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A ledger in memory under virtual time, one flow, and targets that answer by a script. */
public final class Stage {
    public static final String FLOW = "orders";
    public static final RedeliveryPolicy TWICE_MORE =
            new RedeliveryPolicy(2, Duration.ofSeconds(1), 2, Duration.ofMinutes(1), 0);
    public static final Outcome OK = new Outcome.Delivered(200);
    public static final Outcome NO = new Outcome.Refused(400, "no");
    public static final Outcome OOPS = new Outcome.Failed(500, "oops", null, false);
    static final Outcome OUTAGE = new Outcome.Failed(503, "busy", null, true);
    public static final Outcome DOWN = new Outcome.Unreachable("connection refused");

    public final VirtualTime time;
    /** The first shard's. */
    public final MemoryStore store;

    public final Ledger ledger;
    final List<MemoryStore> stores;
    private final Retention retention;
    private final List<Store> used;
    private final List<SteppedWriter> writers = new ArrayList<>();

    public Stage() {
        this(Limits.DEFAULT);
    }

    public Stage(Limits limits) {
        this(limits, Retention.DEFAULT, new VirtualTime(), List.of(new MemoryStore()));
    }

    private Stage(Limits limits, Retention retention, VirtualTime time, List<MemoryStore> stores) {
        this(limits, retention, time, stores, List.copyOf(stores));
    }

    /** A ledger that deletes what is that old. */
    static Stage keeping(Retention retention) {
        return new Stage(Limits.DEFAULT, retention, new VirtualTime(), List.of(new MemoryStore()));
    }

    /** A ledger in another store. */
    public static Stage over(Store store) {
        return new Stage(
                Limits.DEFAULT, Retention.DEFAULT, new VirtualTime(), List.of(new MemoryStore()), List.of(store));
    }

    /** A ledger of several shards in other stores, each over one of these. */
    static Stage over(List<MemoryStore> stores, List<Store> used) {
        return new Stage(Limits.DEFAULT, Retention.DEFAULT, new VirtualTime(), stores, used);
    }

    /** @param used those that the ledger is in */
    private Stage(Limits limits, Retention retention, VirtualTime time, List<MemoryStore> stores, List<Store> used) {
        this.retention = retention;
        this.used = used;
        this.time = time;
        this.stores = stores;
        this.store = stores.get(0);
        LedgerSettings settings = new LedgerSettings(
                limits,
                retention,
                time.clock(),
                new Random(1),
                time.scheduler(),
                time.scheduler(),
                (target, state, age) -> {});
        ledger = new Ledger(used, settings, (inner, bounds, clock, afterCommit) -> {
            SteppedWriter made =
                    new SteppedWriter(inner, bounds, clock, afterCommit, () -> time.advance(Duration.ofMillis(10)));
            writers.add(made);
            return made;
        });
    }

    /** A ledger of several shards that deletes what is that old. */
    static Stage ofShards(int shards, Retention retention) {
        return new Stage(
                Limits.DEFAULT,
                retention,
                new VirtualTime(),
                IntStream.range(0, shards).mapToObj(MemoryStore::ofShard).toList());
    }

    /** After a crash: the same store, opened again now. */
    Stage reopened() {
        time.crash();
        return new Stage(Limits.DEFAULT, retention, time, stores, used);
    }

    /** A target that notes what it is given and answers by its script, a millisecond later unless it takes longer. */
    public final class Scripted implements Target {
        public final TargetName name;
        public final List<String> got = new ArrayList<>();
        public final List<List<String>> batches = new ArrayList<>();
        final List<Long> gotAtMillis = new ArrayList<>();
        /** Those that it was told it may have already. */
        final List<String> mayHaveArrived = new ArrayList<>();

        public BiFunction<Change, Integer, Outcome> script = (change, attempt) -> OK;
        public Function<Change, Duration> takes = change -> Duration.ofMillis(1);
        private @Nullable Subscription subscription;

        public Scripted(String name) {
            this.name = new TargetName(FLOW, name);
        }

        @Override
        public void deliver(List<Sending> changes, java.util.function.Consumer<Outcome> done) {
            Outcome outcome = OK;
            Duration longest = Duration.ZERO;
            for (Sending sending : changes) {
                got.add(sending.entry().change().id());
                gotAtMillis.add(time.monotonicMillis());
                if (sending.mayHaveArrived()) {
                    mayHaveArrived.add(sending.entry().change().id());
                }
                Outcome one = script.apply(sending.entry().change(), sending.attempt());
                Duration takesOne = takes.apply(sending.entry().change());
                longest = takesOne.compareTo(longest) > 0 ? takesOne : longest;
                outcome = changes.size() > 1 && one instanceof Outcome.Delivered ? outcome : one;
            }
            batches.add(changes.stream()
                    .map(sending -> sending.entry().change().id())
                    .toList());
            Outcome result = outcome;
            time.after(longest, () -> done.accept(result));
        }

        public Subscription subscription() {
            return Objects.requireNonNull(subscription);
        }

        public Scripted start(TargetOptions options) {
            return start(options, new TargetCircuit(time));
        }

        Scripted start(TargetOptions options, Circuit circuit) {
            subscription = ledger.subscribe(name, options, this, circuit);
            subscription.start();
            return this;
        }

        /** As after a restart of the node: nothing is known of the target. */
        void restart(TargetOptions options) throws InterruptedException {
            subscription().close(Duration.ZERO);
            start(options);
        }

        public Dispatcher dispatcher() {
            return Objects.requireNonNull(ledger.shards().first().dispatchers().find(name));
        }

        public TargetStatus status() {
            return ledger.flows().get(0).targets().stream()
                    .filter(status -> status.target().equals(name.target()))
                    .findFirst()
                    .orElseThrow();
        }

        public DeliveryState state(long sequence) {
            return used.get(0).deliveries(sequence).stream()
                    .filter(delivery -> delivery.target().equals(name))
                    .map(Delivery::state)
                    .findFirst()
                    .orElse(DeliveryState.PENDING);
        }
    }

    public BegunReplay replay(DeliveryFilter filter, double perSecond, long matched) {
        return ledger.actions().replay(ledger.actions().newReplay(), filter, perSecond, matched);
    }

    public Scripted target(String name, boolean block) {
        return new Scripted(name).start(TargetOptions.of(4, TWICE_MORE, true, block));
    }

    public SteppedWriter writer() {
        return writers.get(0);
    }

    SteppedWriter writer(int shard) {
        return writers.get(shard);
    }

    private void stepAll() {
        writers.forEach(SteppedWriter::stepOnce);
    }

    private long commits() {
        long commits = 0;
        for (MemoryStore one : stores) {
            commits += one.commits();
        }
        return commits;
    }

    public CompletableFuture<Receipt> send(String id, String key) {
        return send(id, key, "body of " + id);
    }

    public CompletableFuture<Receipt> send(String id, String key, String body) {
        return send(id, key, null, body);
    }

    public CompletableFuture<Receipt> sendVersion(String id, String key, String version) {
        return send(id, key, version, "body of " + id);
    }

    private CompletableFuture<Receipt> send(String id, String key, @Nullable String version, String body) {
        return ledger.accept(new Change(
                FLOW, id, key, version, Operation.UPSERT, null, Map.of(), body.getBytes(StandardCharsets.UTF_8)));
    }

    /** Advances the time, from one due task to the next; a writer whose store fails tries again each few milliseconds. */
    public void pass(Duration duration) {
        long end = time.monotonicMillis() + duration.toMillis();
        boolean atEnd = false;
        while (!atEnd) {
            atEnd = time.monotonicMillis() >= end;
            long commits = -1;
            while (commits != commits()) {
                commits = commits();
                stepAll();
                while (time.runDue()) {
                    stepAll();
                }
            }
            long rest = Math.max(0, end - time.monotonicMillis());
            time.advance(Duration.ofMillis(isAnyInTrouble() ? Math.min(10, rest) : rest));
        }
    }

    private boolean isAnyInTrouble() {
        for (SteppedWriter writer : writers) {
            if (writer.trouble().isPresent()) {
                return true;
            }
        }
        return false;
    }

    void passDays(long days) {
        pass(Duration.ofDays(days));
    }

    public void pass() {
        pass(Duration.ofMillis(100));
    }
}
