package dev.serai.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After each step of the same random work, the ledgers in SQLite and in plain maps are equal. */
class StoreAgreementTest {
    private static final List<TargetName> TARGETS =
            List.of(new TargetName("f", "a"), new TargetName("f", "b"), new TargetName("g", "a"));
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private final MemoryStore memory = new MemoryStore();
    private int ids;
    private long lastLookedAt;

    /** {@code -Psimulation} takes more. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("serai.simulation.runs", 3));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bothStoresAgree(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        try (JdbcStore sqlite = JdbcStore.open(folder.resolve("ledger.db"), 16)) {
            both(sqlite, t -> TARGETS.forEach(target -> t.addTarget(target, 0)));
            for (int step = 0; step < 60; step++) {
                step(sqlite, random, T0.plusSeconds(step));
                assertAgreement(sqlite, T0.plusSeconds(step));
            }
        }
    }

    private void step(JdbcStore sqlite, RandomGenerator random, Instant now) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> insert(sqlite, random, now);
            case 3, 4 -> settlePending(sqlite, random, now);
            case 5 -> settleStored(sqlite, random, now);
            case 6 -> promote(sqlite, random, now);
            default -> {
                if (random.nextInt(3) == 0) {
                    sqlite.reopen();
                }
                lastLookedAt = memory.lastSequence();
                Retention retention =
                        new Retention(Duration.ofSeconds(random.nextInt(60)), Duration.ofSeconds(random.nextInt(60)));
                long running = Duration.between(T0, now).toMillis();
                purge(sqlite, running, retention);
                purge(memory, running, retention);
            }
        }
    }

    private void insert(JdbcStore sqlite, RandomGenerator random, Instant now) {
        List<Change> changes = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            String flow = random.nextBoolean() ? "f" : "g";
            changes.add(new Change(
                    flow, "" + ++ids, "k" + random.nextInt(4), null, Operation.UPSERT, null, Map.of(), new byte[3]));
        }
        both(sqlite, t -> changes.forEach(change -> t.insert(change, now)));
    }

    private void settlePending(JdbcStore sqlite, RandomGenerator random, Instant now) {
        TargetName target = TARGETS.get(random.nextInt(TARGETS.size()));
        List<Entry> pending = memory.pending(target, 0, 1 + random.nextInt(8), 10_000);
        List<Delivery> deliveries =
                pending.stream().map(entry -> delivery(target, random, now)).toList();
        both(sqlite, t -> {
            for (int i = 0; i < pending.size(); i++) {
                Entry entry = pending.get(i);
                Delivery delivery = deliveries.get(i);
                t.attempt(entry.sequence(), new Attempt(target, 1, now, 500, "no"));
                t.settle(entry.sequence(), hash(entry), DeliveryState.PENDING, delivery);
                t.position(target, entry.sequence());
            }
        });
    }

    private void settleStored(JdbcStore sqlite, RandomGenerator random, Instant now) {
        for (Entry entry : memory.changes(new ChangeQuery(null, null, null, 1000))) {
            for (Delivery was : memory.deliveries(entry.sequence())) {
                boolean over = was.state().isSettled() && was.state() != DeliveryState.DEAD;
                if (!over && random.nextInt(3) == 0) {
                    Delivery delivery = legal(was, random, now);
                    both(sqlite, t -> t.settle(entry.sequence(), hash(entry), was.state(), delivery));
                }
            }
        }
    }

    private void promote(JdbcStore sqlite, RandomGenerator random, Instant now) {
        TargetName target = TARGETS.get(random.nextInt(TARGETS.size()));
        long hash = Hash.of("k" + random.nextInt(4));
        List<Long> promoted = new ArrayList<>();
        both(sqlite, t -> {
            DueChange held = t.promote(target, hash, now);
            promoted.add(held == null ? 0 : held.entry().sequence());
        });
        assertThat(promoted.get(0)).isEqualTo(promoted.get(1));
    }

    /** A random legal next delivery, except promotions of parked ones. */
    private static Delivery legal(Delivery was, RandomGenerator random, Instant now) {
        return switch (was.state()) {
            case PARKED -> new Delivery(was.target(), DeliveryState.SUPERSEDED, 0, null, now, null, null);
            case DEAD ->
                random.nextBoolean()
                        ? new Delivery(was.target(), DeliveryState.PARKED, 0, null, null, null, null)
                        : new Delivery(was.target(), DeliveryState.DISCARDED, 3, null, now, 400, "no");
            default -> {
                Delivery drawn = delivery(was.target(), random, now);
                yield drawn.state() == DeliveryState.PARKED ? was : drawn;
            }
        };
    }

    private static Delivery delivery(TargetName target, RandomGenerator random, Instant now) {
        return switch (random.nextInt(8)) {
            case 0 -> new Delivery(target, DeliveryState.WAITING, 1, now.plusSeconds(5), null, 500, "no");
            case 1 -> new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null);
            case 2 -> new Delivery(target, DeliveryState.DEAD, 3, null, now, 400, "no");
            case 3 -> new Delivery(target, DeliveryState.SUPERSEDED, 0, null, now, null, null);
            default -> new Delivery(target, DeliveryState.DELIVERED, 1, null, now, 200, null);
        };
    }

    private static List<Object> standing(Store store, TargetName target, DeliveryState state) {
        return store.standing(target, state, null, 0, 1_000).stream()
                .<Object>map(one -> List.of(one.entry().sequence(), one.delivery(), one.keyHash()))
                .toList();
    }

    private void assertAgreement(JdbcStore sqlite, Instant now) {
        assertThat(sqlite.lastSequence()).isEqualTo(memory.lastSequence());
        assertThat(sqlite.flows()).isEqualTo(memory.flows());
        assertThat(sqlite.dead(DeliveryFilter.ALL, 0, 1000)).isEqualTo(memory.dead(DeliveryFilter.ALL, 0, 1000));
        List<Long> changes = sequences(memory.changes(new ChangeQuery(null, null, null, 1000)));
        assertThat(sequences(sqlite.changes(new ChangeQuery(null, null, null, 1000))))
                .isEqualTo(changes);
        assertThat(sequences(sqlite.changes(new ChangeQuery(null, "k1", null, 1000))))
                .isEqualTo(sequences(memory.changes(new ChangeQuery(null, "k1", null, 1000))));
        for (long sequence : changes) {
            assertThat(sqlite.deliveries(sequence)).isEqualTo(memory.deliveries(sequence));
            assertThat(sqlite.attempts(sequence)).isEqualTo(memory.attempts(sequence));
        }
        for (TargetName target : TARGETS) {
            assertThat(sqlite.counts(target)).isEqualTo(memory.counts(target));
            assertThat(sqlite.nextDue(target, Instant.EPOCH)).isEqualTo(memory.nextDue(target, Instant.EPOCH));
            assertThat(sequences(sqlite.pending(target, 0, 100, 100_000)))
                    .isEqualTo(sequences(memory.pending(target, 0, 100, 100_000)));
            assertThat(held(sqlite, target)).isEqualTo(held(memory, target));
            for (DeliveryState state :
                    List.of(DeliveryState.PENDING, DeliveryState.WAITING, DeliveryState.PARKED, DeliveryState.DEAD)) {
                assertThat(standing(sqlite, target, state)).isEqualTo(standing(memory, target, state));
            }
        }
        try (Transaction transaction = sqlite.begin()) {
            for (int id = 1; id <= ids; id++) {
                String one = "" + id;
                long found = Stream.of("f", "g")
                        .mapToLong(flow -> transaction.find(flow, one).orElse(0))
                        .sum();
                boolean kept = found != 0;
                assertThat(kept).isEqualTo(memory.entry(id).isPresent());
            }
        }
        assertNewest(sqlite);
    }

    /** SQLite leaves out more: all that retention has looked at. */
    private void assertNewest(JdbcStore sqlite) {
        try (Transaction ours = sqlite.begin();
                Transaction theirs = memory.begin()) {
            for (int key = 0; key < 4; key++) {
                List<Long> expected = sequences(theirs.newest("f", "k" + key, 3));
                List<Long> found = sequences(ours.newest("f", "k" + key, 3));
                assertThat(found).isEqualTo(expected.subList(0, found.size()));
                List<Long> unlooked = expected.stream()
                        .filter(sequence -> sequence > lastLookedAt)
                        .toList();
                assertThat(found).containsAll(unlooked);
            }
        }
    }

    private void both(JdbcStore sqlite, Consumer<Transaction> work) {
        for (Store store : List.of(sqlite, memory)) {
            try (Transaction transaction = store.begin()) {
                work.accept(transaction);
                transaction.commit();
            }
        }
    }

    private static void purge(Store store, long running, Retention retention) {
        boolean more = true;
        while (more) {
            try (Transaction transaction = store.begin()) {
                more = transaction.purge(running, retention, 3, (target, key, sequence) -> {});
                transaction.commit();
            }
        }
    }

    private static Map<Long, Boolean> held(Store store, TargetName target) {
        Map<Long, Boolean> keys = new HashMap<>();
        store.heldKeys(target, keys::put);
        return keys;
    }

    private static long hash(Entry entry) {
        return Hash.of(entry.change().key());
    }

    private static List<Long> sequences(List<Entry> entries) {
        return entries.stream().map(Entry::sequence).toList();
    }
}
