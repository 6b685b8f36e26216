package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.FaultyStore.Moved;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.VersionOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/** A target that is slow, fails and goes down at random, and that checks every delivery. */
final class SimulatedTarget implements Target {
    static final String POISON = "poison";

    private final TargetName name;
    private final Random random;
    private final VirtualTime time;
    private final Journal journal;
    private final LongToIntFunction shardOf;
    private final LongPredicate isDiscarded;
    private TargetOptions options;
    /** By shard. */
    private final Map<Integer, Long> from = new HashMap<>();

    private final Set<Long> delivered = new HashSet<>();
    private final Set<Long> givenUp = new HashSet<>();
    private final Set<Long> superseded = new HashSet<>();
    /** Given up while dead letters did not block. */
    private final Set<Long> passable = new HashSet<>();

    /** Deliveries that have no outcome. */
    private final List<Hanging> hanging = new ArrayList<>();

    private record Hanging(List<Long> sequences, long sinceMillis, Runnable end) {}

    /** Deliveries that are being ended early. */
    private final Set<List<Long>> ending = new HashSet<>();

    private final Map<Long, Outcome> lastVerdict = new HashMap<>();
    private final Map<Long, Integer> failures = new HashMap<>();
    /** Why an operator skips something. */
    static final String SKIPPED = "skipped";

    private final Set<String> busyKeys = new HashSet<>();
    /** By key: the newest version that it has, as far as the ledger has to know. */
    private final Map<String, String> versions = new HashMap<>();

    private final Map<String, String> durableVersions = new HashMap<>();
    /** Of the keys that have a version. */
    private final Map<String, Integer> shardOfKey = new HashMap<>();

    private int underWay;
    private @Nullable AssertionError broken;
    private int generation;
    private int crashes;
    private long downUntilMillis;
    private long hangsUntilMillis;
    private boolean healthy;
    private boolean cured;
    private long deliveries;
    private long recalls;

    /** @param isDiscarded whether an operator discarded the delivery of this sequence */
    SimulatedTarget(
            TargetName name,
            TargetOptions options,
            Random random,
            VirtualTime time,
            Journal journal,
            LongToIntFunction shardOf,
            LongPredicate isDiscarded) {
        this.name = name;
        this.options = options;
        this.random = random;
        this.time = time;
        this.journal = journal;
        this.shardOf = shardOf;
        this.isDiscarded = isDiscarded;
    }

    TargetName name() {
        return name;
    }

    TargetOptions options() {
        return options;
    }

    void options(TargetOptions changed) {
        if (!options.blockOnDeadLetter()) {
            passable.addAll(givenUp); // later changes may have gone on before dead letters block
        }
        options = changed;
        versions.clear();
        versions.putAll(durableVersions);
    }

    /** The target was added to the shard with this position. */
    void known(int shard, long position) {
        from.merge(shard, position, Math::min);
    }

    private long from(long sequence) {
        return from.getOrDefault(shardOf.applyAsInt(sequence), Long.MAX_VALUE);
    }

    /** Whether the change is for it and not from before it was added. */
    boolean gets(long sequence) {
        return sequence > from(sequence);
    }

    long deliveries() {
        return deliveries;
    }

    boolean has(long sequence) {
        return delivered.contains(sequence);
    }

    void goDown(Duration duration) {
        downUntilMillis = time.monotonicMillis() + duration.toMillis();
    }

    /** For so long most deliveries have no outcome. */
    void hang(Duration duration) {
        hangsUntilMillis = time.monotonicMillis() + duration.toMillis();
    }

    /** From now on only poison fails. */
    void heal() {
        healthy = true;
        downUntilMillis = 0;
    }

    /** Whether a delivery has no outcome yet and will have none. */
    boolean isAnyHanging() {
        return !hanging.isEmpty() || !ending.isEmpty();
    }

    /** From now on nothing fails. */
    void cure() {
        cured = true;
    }

    /** Ignores the outcomes of all deliveries in flight. */
    void forgetInFlight() {
        generation++;
        underWay = 0;
        busyKeys.clear();
        hanging.clear();
        ending.clear();
        versions.clear();
        versions.putAll(durableVersions);
    }

    void crash() {
        forgetInFlight();
        crashes++;
    }

    @Override
    public void deliver(List<Sending> changes, Consumer<Outcome> done) {
        try {
            take(changes, done);
        } catch (AssertionError e) { // the ledger would send it again
            broken = e;
            throw e;
        }
    }

    /** Reports a check that failed while a change was sent. */
    void check() {
        if (broken != null) {
            throw broken;
        }
    }

    private void take(List<Sending> changes, Consumer<Outcome> done) {
        assertThat(changes).as("batch to %s", name).hasSizeBetween(1, options.batchSize());
        for (Sending sending : changes) {
            check(sending.entry(), sending.attempt());
            String key = sending.entry().change().key();
            assertThat(busyKeys.add(key) || (!options.ordered() && !options.versionGuard()))
                    .as("%s: one delivery of %s at once", name, key)
                    .isTrue();
        }
        deliveries += changes.size();
        underWay++;
        assertThat(underWay).as("%s at once", name).isLessThanOrEqualTo(options.concurrency());
        int sentIn = generation;
        int sentBefore = crashes;
        boolean mayHang = time.monotonicMillis() < hangsUntilMillis;
        if (!healthy && random.nextInt(mayHang ? 2 : 200) == 0) {
            hanging.add(new Hanging(sequences(changes), time.monotonicMillis(), () -> {
                if (sentIn == generation) {
                    underWay--;
                    changes.forEach(
                            sending -> busyKeys.remove(sending.entry().change().key()));
                }
                if (sentBefore == crashes) {
                    done.accept(new Outcome.Interrupted());
                }
            }));
            return;
        }
        time.after(Duration.ofMillis(random.nextInt(random.nextInt(20) == 0 ? 5_000 : 50)), () -> {
            if (sentIn == generation) {
                changes.forEach(sending -> checkVersion(sending.entry().change()));
            }
            Outcome outcome = receive(changes);
            if (sentIn == generation) {
                underWay--;
                for (Sending sending : changes) {
                    busyKeys.remove(sending.entry().change().key());
                    // The outcome of a batch does not decide about a single change, unless the whole batch succeeded.
                    if (changes.size() == 1 || outcome instanceof Outcome.Delivered) {
                        learn(sending.entry().sequence(), sending.attempt(), outcome);
                    }
                    if (outcome instanceof Outcome.Delivered && options.versionGuard()) {
                        noteVersion(versions, sending.entry().change());
                    }
                }
            }
            if (sentBefore == crashes) {
                done.accept(outcome);
            }
        });
    }

    /** Accepts the changes that it can; the batch fails if one change fails. */
    private Outcome receive(List<Sending> changes) {
        Outcome outcome = new Outcome.Delivered(200);
        for (Sending sending : changes) {
            Outcome one = outcome(sending.entry().change().key());
            if (one instanceof Outcome.Delivered) {
                delivered.add(sending.entry().sequence());
            } else {
                outcome = one;
            }
        }
        return outcome;
    }

    /** With a version guard nothing older arrives after what the ledger knows that the target has. */
    private void checkVersion(Change change) {
        String before = change.version() == null ? null : versions.get(change.key());
        if (before != null && options.versionGuard()) {
            assertThat(VersionOrder.compare(Objects.requireNonNull(change.version()), before))
                    .as("%s gets version %s of %s after %s", name, change.version(), change.key(), before)
                    .isGreaterThanOrEqualTo(0);
        }
    }

    /** With a version guard it is left out, which may not be durable yet. */
    private boolean isOutdated(long sequence) {
        Change change = journal.entry(sequence).change();
        String version = change.version();
        String before = versions.get(change.key());
        return options.versionGuard() && version != null && before != null && VersionOrder.compare(version, before) < 0;
    }

    private static void noteVersion(Map<String, String> newest, Change change) {
        String version = change.version();
        if (version != null) {
            newest.merge(change.key(), version, (one, other) -> VersionOrder.compare(one, other) < 0 ? other : one);
        }
    }

    /** Some deliveries that hang can be ended early, and end a little later. */
    @Override
    public boolean recall(List<Sending> changes) {
        List<Long> sequences = sequences(changes);
        Hanging hung = hanging.stream()
                .filter(one -> one.sequences.equals(sequences))
                .findFirst()
                .orElse(null);
        if (hung == null || random.nextInt(4) == 0) {
            return false;
        }
        hanging.remove(hung);
        ending.add(sequences);
        recalls++;
        time.after(Duration.ofMillis(random.nextInt(50)), () -> {
            ending.remove(sequences);
            hung.end.run();
        });
        return true;
    }

    long recalls() {
        return recalls;
    }

    /** A delivery that hangs ends now, as failed. */
    @Override
    public boolean hasDeadline(List<Sending> changes) {
        if (ending.contains(sequences(changes))) {
            return false;
        }
        Hanging hung = hanging.stream()
                .filter(one -> one.sequences.equals(sequences(changes)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + ": overdue, but it does not hang: " + sequences(changes)));
        hanging.remove(hung);
        assertThat(time.monotonicMillis() - hung.sinceMillis)
                .isGreaterThanOrEqualTo(options.deliveryTimeout().toMillis());
        if (changes.size() == 1) {
            Sending sending = changes.get(0);
            learn(sending.entry().sequence(), sending.attempt(), new Outcome.Failed(null, "hung", null, true));
        }
        for (Sending sending : changes) {
            busyKeys.remove(sending.entry().change().key());
        }
        underWay--;
        return true;
    }

    private static List<Long> sequences(List<Sending> changes) {
        return changes.stream().map(sending -> sending.entry().sequence()).toList();
    }

    /** The target was removed from the shard; another one of its name may follow. */
    void removed(int shard) {
        forgetInFlight();
        from.remove(shard);
        LongPredicate isGone = sequence -> shardOf.applyAsInt(sequence) == shard;
        for (Set<Long> all :
                List.of(delivered, givenUp, superseded, passable, lastVerdict.keySet(), failures.keySet())) {
            all.removeIf(isGone::test);
        }
        durableVersions.keySet().removeIf(key -> Objects.equals(shardOfKey.get(key), shard));
        versions.clear();
        versions.putAll(durableVersions);
    }

    private void check(Entry entry, int attempt) {
        Entry accepted = journal.entry(entry.sequence());
        assertThat(entry.change()).as("what was accepted").isEqualTo(accepted.change());
        assertThat(entry.change().flow()).isEqualTo(name.flow());
        assertThat(entry.sequence()).as("%s began after", name).isGreaterThan(from(entry.sequence()));
        assertThat(attempt).isBetween(1, options.redelivery().maximumRedeliveries() + 1);
        if (!options.ordered()) {
            return;
        }
        for (long earlier : journal.before(entry, from(entry.sequence()))) {
            boolean mayBePassed = options.coalesce()
                    || superseded.contains(earlier)
                    || passable.contains(earlier)
                    || delivered.contains(earlier)
                    || isDiscarded.test(earlier)
                    || isOutdated(earlier)
                    || (!options.blockOnDeadLetter() && givenUp.contains(earlier));
            assertThat(mayBePassed)
                    .as(
                            "%s gets %d of key %s before %d",
                            name, entry.sequence(), entry.change().key(), earlier)
                    .isTrue();
        }
    }

    private void learn(long sequence, int attempt, Outcome outcome) {
        lastVerdict.put(sequence, outcome);
        if (outcome instanceof Outcome.Delivered) {
            return;
        }
        failures.merge(sequence, 1, Integer::sum);
        if (isRefusal(outcome) || attempt > options.redelivery().maximumRedeliveries()) {
            givenUp.add(sequence);
        }
    }

    private static boolean isRefusal(Outcome outcome) {
        return outcome instanceof Outcome.Refused || outcome instanceof Outcome.Gone;
    }

    /** A delivery row of this target is durable. */
    void stored(Moved moved) {
        Delivery delivery = moved.delivery();
        int most = options.redelivery().maximumRedeliveries();
        Outcome verdict = lastVerdict.get(moved.sequence());
        switch (delivery.state()) {
            case DELIVERED -> {
                assertThat(delivered).contains(moved.sequence());
                if (options.versionGuard()) {
                    Change change = journal.entry(moved.sequence()).change();
                    noteVersion(durableVersions, change);
                    shardOfKey.put(change.key(), shardOf.applyAsInt(moved.sequence()));
                }
            }
            case WAITING -> {
                assertThat(delivery.attempts()).isBetween(0, most);
                if (delivery.attempts()
                        > 0) { // otherwise an outage, in which the target asked for a time, or under way
                    assertThat(verdict).isInstanceOfAny(Outcome.Failed.class, Outcome.Unreachable.class);
                }
            }
            case DEAD -> {
                boolean refused = verdict != null && isRefusal(verdict);
                boolean skipped = SKIPPED.equals(delivery.error());
                if (skipped) {
                    givenUp.add(moved.sequence());
                }
                assertThat(refused || skipped || delivery.attempts() == most + 1)
                        .as("given up after %d: %s", delivery.attempts(), verdict)
                        .isTrue();
            }
            case SUPERSEDED -> {
                superseded.add(moved.sequence());
                boolean replaced = Delivery.REPLACED.equals(delivery.error());
                assertThat(replaced ? options.coalesce() : options.versionGuard())
                        .as("%s leaves out %d: %s", name, moved.sequence(), delivery.error())
                        .isTrue();
                assertThat(!replaced || journal.isFollowed(moved.sequence()))
                        .as("replaced by a newer one")
                        .isTrue();
            }
            default -> {}
        }
        int success = delivery.state() == DeliveryState.DELIVERED ? 1 : 0;
        assertThat(delivery.attempts())
                .as("attempts that count")
                .isLessThanOrEqualTo(Objects.requireNonNullElse(failures.get(moved.sequence()), 0) + success);
    }

    private Outcome outcome(String key) {
        if (!cured && key.equals(POISON)) {
            return new Outcome.Failed(504, "timed out", null, true);
        }
        if (healthy) {
            return new Outcome.Delivered(200);
        }
        int die = random.nextInt(1_000);
        if (time.monotonicMillis() < downUntilMillis) {
            return die < 700 ? new Outcome.Unreachable("refused") : new Outcome.Failed(503, "busy", null, true);
        }
        if (die < 800) {
            return new Outcome.Delivered(200);
        } else if (die < 880) {
            return new Outcome.Failed(500, "oops", null, false);
        } else if (die < 920) {
            return new Outcome.Failed(503, "busy", null, true);
        } else if (die < 935) {
            return new Outcome.Failed(503, "busy", Duration.ofSeconds(random.nextInt(20)), true);
        } else if (die < 955) {
            return new Outcome.Failed(429, "slow down", Duration.ofSeconds(random.nextInt(10)), false);
        } else if (die < 985) {
            return new Outcome.Refused(400, "no");
        } else if (die < 997) {
            return new Outcome.Unreachable("reset");
        }
        return new Outcome.Gone(410, "gone");
    }
}
