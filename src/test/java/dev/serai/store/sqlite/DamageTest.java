package dev.serai.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.LedgerFinding;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged ledger delivers nothing else than what was accepted, and loses nothing without a word. */
class DamageTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = T0.plusSeconds(1_000_000);
    private static final TargetName ONE = new TargetName("orders", "one");
    private static final TargetName TWO = new TargetName("orders", "two");
    private static final int CHANGES = 60;
    private static final int FLIPS = Integer.getInteger("serai.damage.flips", 40);
    private static final int CUTS = 20;

    @TempDir
    Path folder;

    private Path file;
    private final Map<Long, Change> accepted = new HashMap<>();
    /** The changes that a target does not have yet. */
    private final Map<TargetName, Set<Long>> open = new HashMap<>();

    private final Map<TargetName, Set<Long>> dead = new HashMap<>();

    @BeforeEach
    void fill() {
        file = folder.resolve("sound").resolve("ledger.db");
        try (JdbcStore store = JdbcStore.open(file)) {
            try (Transaction transaction = store.begin()) {
                transaction.addTarget(ONE, 0);
                transaction.addTarget(TWO, 0);
                transaction.commit();
            }
            for (int i = 1; i <= CHANGES; i++) {
                try (Transaction transaction = store.begin()) {
                    Change change = change(i);
                    accepted.put(transaction.insert(change, T0.plusMillis(i)), change);
                    transaction.commit();
                }
            }
            try (Transaction transaction = store.begin()) {
                settleSome(transaction);
                transaction.commit();
            }
        }
    }

    private static Change change(int number) {
        String body = "{\"number\":" + number + ",\"text\":\""
                + "ä\uD83D\uDE00 x".repeat(number == 7 ? 4000 : number * 3) + "\"}";
        return new Change(
                "orders",
                "id-" + number,
                "key-" + number % 9,
                number % 3 == 0 ? null : "" + number,
                number % 10 == 0 ? Operation.DELETE : Operation.UPSERT,
                number % 4 == 0 ? null : "application/json",
                number % 5 == 0 ? Map.of() : Map.of("X-Number", "" + number),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /** Of the first 30 each state for the one target; all of these are delivered to the other. */
    private void settleSome(Transaction transaction) {
        open.put(ONE, new HashSet<>());
        open.put(TWO, new HashSet<>());
        dead.put(ONE, new HashSet<>());
        dead.put(TWO, new HashSet<>());
        Set<String> waiting = new HashSet<>();
        for (long sequence = 1; sequence <= CHANGES; sequence++) {
            if (sequence > 30) {
                open.get(ONE).add(sequence);
                open.get(TWO).add(sequence);
                continue;
            }
            String key = accepted.get(sequence).key();
            DeliveryState state = sequence % 9 < 3
                    ? waiting.add(key) ? DeliveryState.WAITING : DeliveryState.PARKED
                    : sequence % 9 == 3 ? DeliveryState.DEAD : DeliveryState.DELIVERED;
            settle(transaction, ONE, sequence, state);
            settle(transaction, TWO, sequence, DeliveryState.DELIVERED);
            (state == DeliveryState.DEAD ? dead : open).get(ONE).add(sequence);
            if (state == DeliveryState.DELIVERED) {
                open.get(ONE).remove(sequence);
            }
        }
        transaction.position(ONE, 30);
        transaction.position(TWO, 30);
    }

    private void settle(Transaction transaction, TargetName target, long sequence, DeliveryState state) {
        Delivery delivery = new Delivery(
                target,
                state,
                1,
                state == DeliveryState.WAITING ? T0.plusSeconds(sequence) : null,
                state.isSettled() ? T0 : null,
                state == DeliveryState.DEAD ? 422 : null,
                state == DeliveryState.DEAD ? "refused" : null);
        transaction.settle(sequence, Hash.of(accepted.get(sequence).key()), DeliveryState.PENDING, delivery);
        if (state == DeliveryState.DEAD) {
            transaction.attempt(sequence, new Attempt(target, 1, T0, 422, "refused"));
        }
    }

    @Test
    void aFlippedBitIsRefusedAtTheStartOrReportedOrDoesNoHarm() throws Exception {
        Tally tally = new Tally();
        Random random = new Random(1);
        long bits = 8 * Files.size(file);
        for (int i = 0; i < FLIPS; i++) {
            long bit = (long) (random.nextDouble() * bits);
            Path copy = copy(i);
            flip(copy, bit);
            restart(copy, "bit " + bit, tally);
        }
        System.out.println("flips before a start: " + tally);
        assertThat(tally.reported + tally.refused).isPositive();
    }

    @Test
    void aCutFileIsRefusedAtTheStart() throws Exception {
        Tally tally = new Tally();
        Random random = new Random(2);
        for (int i = 0; i < CUTS; i++) {
            Path copy = copy(i);
            long length = (long) (random.nextDouble() * Files.size(copy));
            try (RandomAccessFile raw = new RandomAccessFile(copy.toFile(), "rw")) {
                raw.setLength(length);
            }
            restart(copy, "cut at " + length, tally);
        }
        assertThat(tally.refused).isEqualTo(CUTS);
    }

    @Test
    void aBitFlippedUnderARunningNodeNeverLeadsToAWrongDelivery() throws Exception {
        Tally tally = new Tally();
        Random random = new Random(3);
        long bits = 8 * Files.size(file);
        for (int i = 0; i < FLIPS; i++) {
            long bit = (long) (random.nextDouble() * bits);
            Path copy = copy(i);
            try (JdbcStore store = JdbcStore.open(copy)) {
                flip(copy, bit);
                drain(store, ONE, "bit " + bit);
                drain(store, TWO, "bit " + bit);
                tally.count(store.damage().count() > 0);
            } catch (StoreException | IllegalStateException e) {
                tally.refused++;
            }
        }
        System.out.println("flips under an open store: " + tally);
    }

    @Test
    void anAlteredBodyOrKeyIsReportedWithItsSequence() throws Exception {
        for (String statement : List.of(
                "UPDATE payload SET body = replace(body, 'number', 'nummer') WHERE seq = 40",
                "UPDATE payload SET headers = 'X-Number: 42' || char(10) WHERE seq = 41",
                "UPDATE payload SET content_type = 'text/plain' WHERE seq = 41",
                "UPDATE change SET key = 'key-0' WHERE seq = 40",
                "UPDATE change SET version = '41' WHERE seq = 40",
                "UPDATE change SET operation = 1 - operation WHERE seq = 40",
                "UPDATE change SET sum = NULL WHERE seq = 40",
                "DELETE FROM payload WHERE seq = 40",
                "UPDATE payload SET seq = 4000 WHERE seq = 40")) {
            Path copy = copy(statement.hashCode());
            execute(copy, statement);
            try (JdbcStore store = JdbcStore.open(copy)) {
                List<Entry> damaged = store.pending(ONE, 30, 1000, Long.MAX_VALUE).stream()
                        .filter(entry -> entry.damage() != null)
                        .toList();
                assertThat(damaged).as(statement).hasSize(1);
                assertThat(damaged.get(0).damage())
                        .as(statement)
                        .startsWith("corrupt: ")
                        .contains("change " + damaged.get(0).sequence());
                assertThat(store.damage().count()).as(statement).isPositive();
            }
        }
    }

    @Test
    void aHeldChangeWhoseRowIsLostIsReportedAndHoldsBackNobody() throws Exception {
        Path copy = copy(0);
        long first = open.get(ONE).stream().min(Long::compare).orElseThrow();
        execute(copy, "DELETE FROM change WHERE seq = " + first);
        try (JdbcStore store = JdbcStore.open(copy)) {
            assertThat(store.damage().count()).isPositive();
            assertThat(store.due(ONE, LATER, 1000, Long.MAX_VALUE))
                    .filteredOn(due -> due.entry().sequence() == first)
                    .singleElement()
                    .satisfies(due -> assertThat(due.entry().damage()).contains("missing"));
            drain(store, ONE, "lost row");
        }
        assertThat(LedgerFiles.check(copy))
                .extracting(LedgerFinding::problem)
                .anyMatch(problem -> problem.contains("change " + first + " is missing"));
    }

    @Test
    void aLostChangeThatNothingElseTellsOfIsAGap() throws Exception {
        Path copy = copy(0);
        execute(copy, "DELETE FROM change WHERE seq = 45");
        execute(copy, "DELETE FROM payload WHERE seq = 45");
        assertThat(LedgerFiles.check(copy))
                .extracting(LedgerFinding::problem)
                .anyMatch(problem -> problem.contains("change 45 is missing"))
                .anyMatch(problem -> problem.contains("pending"));
        try (JdbcStore store = JdbcStore.open(copy)) {
            assertThat(store.damage().count()).isPositive();
        }
    }

    @Test
    void aSoundLedgerHasNoFindings() throws Exception {
        assertThat(LedgerFiles.check(file)).isEmpty();
        try (JdbcStore store = JdbcStore.open(file)) {
            assertThat(LedgerFiles.check(file)).as("while it is open").isEmpty();
            assertThat(store.damage().count()).isZero();
        }
    }

    @Test
    void changesThatWereAcceptedBeforeTheMigrationAreNotChecked() throws Exception {
        Path copy = copy(0);
        execute(copy, "ALTER TABLE change DROP COLUMN sum");
        execute(copy, "ALTER TABLE payload DROP COLUMN sum");
        execute(copy, "ALTER TABLE cursor DROP COLUMN sum");
        execute(copy, "DROP TABLE unchecked");
        execute(copy, "ALTER TABLE flow DROP COLUMN deleted");
        execute(copy, "ALTER TABLE run DROP COLUMN filter_bits");
        for (String column : List.of("filtered", "paused_at", "paused_by", "paused_reason")) {
            execute(copy, "ALTER TABLE target DROP COLUMN " + column);
        }
        execute(copy, "DROP INDEX delivery_cause");
        execute(copy, "ALTER TABLE delivery DROP COLUMN cause");
        execute(copy, "ALTER TABLE delivery DROP COLUMN cause_key");
        execute(copy, "ALTER TABLE attempt DROP COLUMN transcript");
        execute(copy, "ALTER TABLE attempt DROP COLUMN sealed");
        execute(copy, "DROP TABLE replay");
        execute(copy, "DROP TABLE audit");
        execute(copy, "DROP TABLE history");
        execute(copy, "DROP TABLE state_change");
        execute(copy, "DROP TABLE transition_count");
        execute(copy, "DROP TABLE regime_period");
        execute(copy, "DROP TABLE forecast_score");
        execute(copy, "ALTER TABLE delivered_version DROP COLUMN last_seq");
        execute(copy, "DROP TABLE run_filter");
        execute(copy, "DELETE FROM migration WHERE version > 3");
        try (JdbcStore store = JdbcStore.open(copy)) {
            drain(store, ONE, "migrated");
            assertThat(store.damage().count()).isZero();
        }
        assertThat(LedgerFiles.check(copy)).isEmpty();
    }

    @Test
    void anAlteredCursorIsNotReadFrom() throws Exception {
        Path copy = copy(0);
        try (JdbcStore store = JdbcStore.open(copy);
                Transaction transaction = store.begin()) {
            transaction.cursor(new Cursor("pull", "page-7", T0));
            transaction.commit();
        }
        execute(copy, "UPDATE cursor SET value = 'page-8'");
        assertThat(LedgerFiles.check(copy))
                .extracting(LedgerFinding::problem)
                .anyMatch(problem -> problem.contains("pull"));
        try (JdbcStore store = JdbcStore.open(copy)) {
            assertThat(store.damage().count()).isEqualTo(1);
            assertThatThrownBy(() -> store.cursor("pull"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("serai cursors set");
            assertThat(store.cursors()).hasSize(1);
        }
    }

    private static final class Tally {
        int refused;
        int reported;
        int harmless;

        void count(boolean isReported) {
            if (isReported) {
                reported++;
            } else {
                harmless++;
            }
        }

        @Override
        public String toString() {
            return refused + " refused, " + reported + " reported, " + harmless + " harmless";
        }
    }

    /** Starts on a damaged file and delivers all there is. */
    private void restart(Path copy, String what, Tally tally) {
        try (JdbcStore store = JdbcStore.open(copy)) {
            Set<Long> missing = new HashSet<>();
            for (TargetName target : List.of(ONE, TWO)) {
                Set<Long> expected = new HashSet<>(open.get(target));
                expected.removeAll(drain(store, target, what));
                missing.addAll(expected);
                Set<Long> letters = new HashSet<>(dead.get(target));
                for (DeadLetter letter : store.dead(DeliveryFilter.ALL.within(target), 0, 1000)) {
                    letters.remove(letter.sequence());
                }
                missing.addAll(letters);
            }
            boolean reported = store.damage().count() > 0;
            tally.count(reported);
            if (!reported) {
                assertThat(missing).as(what).isEmpty();
            }
        } catch (StoreException | IllegalStateException e) {
            tally.refused++;
        }
    }

    /** Reads all that a target has to get, as its dispatcher does; returns what is delivered or reported as damaged. */
    private Set<Long> drain(JdbcStore store, TargetName target, String what) {
        Set<Long> delivered = new HashSet<>();
        for (Entry entry : store.pending(target, store.counts(target).position(), 1000, Long.MAX_VALUE)) {
            deliver(entry, what, delivered);
        }
        List<DueChange> due = new ArrayList<>(store.due(target, LATER, 1000, Long.MAX_VALUE));
        while (!due.isEmpty()) {
            DueChange next = due.remove(0);
            deliver(next.entry(), what, delivered);
            try (Transaction transaction = store.begin()) {
                Delivery done = new Delivery(target, DeliveryState.DELIVERED, 2, null, LATER, null, null);
                transaction.settle(next.entry().sequence(), next.keyHash(), DeliveryState.WAITING, done);
                DueChange after = transaction.promote(target, next.keyHash(), T0);
                if (after != null) {
                    due.add(after);
                }
                transaction.commit();
            }
        }
        return delivered;
    }

    private void deliver(Entry entry, String what, Set<Long> delivered) {
        if (entry.damage() == null) {
            Change was = accepted.get(entry.sequence());
            Change is = entry.change();
            assertThat(was)
                    .as("%s: change %d was accepted", what, entry.sequence())
                    .isNotNull();
            boolean same = was.flow().equals(is.flow())
                    && was.id().equals(is.id())
                    && was.key().equals(is.key())
                    && String.valueOf(was.version()).equals(String.valueOf(is.version()))
                    && was.operation() == is.operation()
                    && String.valueOf(was.contentType()).equals(String.valueOf(is.contentType()))
                    && was.headers().equals(is.headers())
                    && Arrays.equals(was.body(), is.body());
            assertThat(same)
                    .as("%s: change %d is what was accepted", what, entry.sequence())
                    .isTrue();
        }
        delivered.add(entry.sequence());
    }

    private Path copy(int number) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy" + number)).resolve("ledger.db");
        Files.copy(file, copy);
        return copy;
    }

    private static void flip(Path path, long bit) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.seek(bit / 8);
            int old = raw.read();
            raw.seek(bit / 8);
            raw.write(old ^ (1 << (int) (bit % 8)));
        }
    }

    private static void execute(Path ledger, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
