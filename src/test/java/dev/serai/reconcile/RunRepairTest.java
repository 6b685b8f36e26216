package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.SHOP;
import static dev.serai.reconcile.ReconcileStage.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.RepairNotes;
import dev.serai.reconcile.book.RepairNotes.BegunRepair;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.support.Patience;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs of a target, also ones that go on after a kill between two of their steps. */
class RunRepairTest {
    private static final int KEYS = 120;

    @TempDir
    Path folder;

    private ReconcileStage stage;
    private ReconcileFile file;
    private Book book;
    private TargetSide side;

    @BeforeEach
    void lose() throws Exception {
        stage = new ReconcileStage(folder);
        stage.sendEach(1, KEYS);
        stage.has.clear();
        stage.taken.clear();
        file = ReconcileFileReader.read(
                Files.writeString(
                        folder.resolve("orders.reconcile.yaml"),
                        "flow: orders\ntarget: shop\nlag: 50ms\n" + stage.byKey()),
                stage.camel,
                false);
        book = new Book(new BookPlace(folder.resolve("books"), null), "orders", "orders", file.meaning(), false);
        side = new TargetSide(stage.ledger, file, book, Clock.systemUTC());
        side.follower().catchUpWithNow();
        book.notes()
                .put(IntStream.rangeClosed(1, KEYS)
                        .mapToObj(i -> new KeyDifference(
                                key(i),
                                KeyFinding.MISSING.word(),
                                List.of(),
                                newest(i).acceptedAt(),
                                newest(i).sequence(),
                                null))
                        .toList());
    }

    @AfterEach
    void close() {
        book.close();
        stage.close();
    }

    private Entry newest(int number) {
        return stage.ledger
                .changes(new ChangeQuery("orders", key(number), null, 1))
                .get(0);
    }

    private void repair(double rate) throws Exception {
        RunProgress progress =
                new RunProgress(new RunRequest(false, 0, true, false, List.of(), rate, KEYS), Instant.now());
        try (PatientReadBack target = file.access().open(stage.camel, side.name(), progress::waits)) {
            SecondLook look = new SecondLook(side, target, Clock.systemUTC(), progress, new Pace(0));
            new RunRepair(stage.ledger, file, book, look, progress).run();
        }
    }

    /** By key, what became of its repair. */
    private Map<String, String> outcomes() {
        Map<String, String> outcomes = new TreeMap<>();
        book.notes().differences("", KEYS).forEach(one -> outcomes.put(one.key(), one.repair()));
        return outcomes;
    }

    private void assertEachTakenOnce() {
        assertThat(stage.taken).doesNotHaveDuplicates().hasSize(KEYS);
        assertThat(book.notes().repaired()).isEqualTo(KEYS);
        assertThat(book.repairs().begun()).isEmpty();
    }

    @Test
    void manyKeysAreDeliveredAgainAndEachOnce() throws Exception {
        repair(0);

        assertEachTakenOnce();
    }

    @Test
    void aRateIsKeptByCommittingFewAtOnce() {
        assertThat(groupAt(50)).isEqualTo(5);
        assertThat(groupAt(1)).isEqualTo(1);
        assertThat(groupAt(0.1)).isEqualTo(1);
        assertThat(groupAt(1_000_000)).isEqualTo(groupAt(0)).isBetween(50, 500);
    }

    private static int groupAt(double rate) {
        return new RunRequest(false, 0, true, false, List.of(), rate, 1).changesAtOnce();
    }

    // ---- Kills between two steps

    /** What is noted before the ledger is asked. */
    private List<BegunRepair> begin(int from, int to) {
        List<BegunRepair> begun = IntStream.rangeClosed(from, to)
                .mapToObj(i -> new BegunRepair(
                        key(i),
                        newest(i).sequence(),
                        stage.ledger
                                .search()
                                .delivery(SHOP, newest(i).sequence())
                                .map(Delivery::finishedAt)
                                .orElse(null)))
                .toList();
        book.repairs().begin(begun);
        return begun;
    }

    private Collection<Long> redeliver(List<BegunRepair> begun) throws Exception {
        List<Entry> entries = begun.stream()
                .map(one -> stage.ledger.change("orders", one.sequence()).orElseThrow())
                .toList();
        return stage.ledger.actions().redeliver(SHOP, entries).get();
    }

    @Test
    void aKillBeforeTheLedgerWasAskedLosesNoKey() throws Exception {
        begin(1, 100);

        repair(0);

        assertEachTakenOnce();
    }

    @Test
    void aKillBeforeTheNoteOfWhatWasDeliveredDeliversNothingTwice() throws Exception {
        List<BegunRepair> begun = begin(1, 100);
        assertThat(redeliver(begun.subList(0, 60))).hasSize(60);
        await().atMost(Patience.MAX).until(() -> stage.taken.size() == 60);
        stage.awaitDelivered();

        repair(0);

        assertEachTakenOnce();
    }

    @Test
    void aKillWhileTheTargetRefusesTheGroupDeliversNothingTwice() throws Exception {
        AtomicBoolean isDown = new AtomicBoolean(true);
        stage.script = change -> isDown.get() ? new Outcome.Failed(503, "not now", null, false, null) : null;
        redeliver(begin(1, 100));
        isDown.set(false);

        repair(0);

        assertEachTakenOnce();
    }

    // ---- Order

    @Test
    void aKeyWhoseNewerChangeIsOnItsWayIsLeftAloneAndTheOthersOfItsGroupAreNot() throws Exception {
        List<String> attempts = Collections.synchronizedList(new ArrayList<>());
        String newer = "{\"id\":\"" + key(7) + "\",\"amount\":77777}";
        stage.script = change -> {
            String body = new String(change.body(), StandardCharsets.UTF_8);
            if (change.key().equals(key(7))) {
                attempts.add(body);
            }
            return body.equals(newer) ? new Outcome.Failed(503, "not now", null, false, null) : null;
        };
        stage.send(key(7), newer);
        await().atMost(Patience.MAX).until(() -> !attempts.isEmpty());

        repair(1_000);

        assertThat(outcomes().remove(key(7)))
                .isEqualTo("not repaired: a newer change of its key is on its way, or became a dead letter");
        assertThat(attempts).containsOnly(newer);
        assertThat(stage.taken).doesNotHaveDuplicates().hasSize(KEYS - 1);
        assertThat(book.notes().repaired()).isEqualTo(KEYS - 1);
    }

    @Test
    void whatIsAcceptedWhileAGroupIsDeliveredAgainComesAfterIt() throws Exception {
        AtomicBoolean isSent = new AtomicBoolean();
        List<String> bodies = Collections.synchronizedList(new ArrayList<>());
        stage.script = change -> {
            if (!isSent.getAndSet(true)) {
                IntStream.rangeClosed(1, KEYS)
                        .forEach(i -> stage.send(key(i), "{\"id\":\"" + key(i) + "\",\"amount\":" + (i + 1_000) + "}"));
            }
            bodies.add(new String(change.body(), StandardCharsets.UTF_8));
            return null;
        };

        repair(0);
        stage.awaitDelivered();

        for (int i = 1; i <= KEYS; i++) {
            assertThat(stage.has.get(key(i)).path("amount").asInt()).isEqualTo(i + 1_000);
        }
    }

    @Test
    void aKeyThatTheTargetRefusesSaysSo() throws Exception {
        stage.script = change -> change.key().equals(key(9)) ? new Outcome.Refused(400, "no") : null;

        repair(0);

        assertThat(outcomes())
                .containsEntry(key(9), "not repaired: the target did not take it, its delivery is dead")
                .containsEntry(key(10), RepairNotes.REPAIRED);
        assertThat(book.notes().repaired()).isEqualTo(KEYS - 1);
    }
}
