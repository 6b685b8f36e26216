package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.TimeSource;
import dev.serai.ledger.write.AcceptWrite;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a duplicate is, a new change and a conflict, through the writer of any store. */
public abstract class DuplicatesContract {
    private static final String FLOW = "lamps";
    private static final TargetName TARGET = new TargetName(FLOW, "wall");
    private static final Retention OVER = new Retention(Duration.ZERO, Duration.ofDays(90));

    private Store store;
    private Writer writer;

    protected abstract Store open() throws Exception;

    /** Closes the store and opens what is left of it. */
    protected abstract Store openAgain(Store store);

    @BeforeEach
    void start() throws Exception {
        store = open();
        startWriter();
    }

    private void startWriter() {
        writer = new Writer(store, Limits.DEFAULT, TimeSource.system(), added -> {});
        writer.start();
    }

    @AfterEach
    void stop() {
        writer.close();
        store.close();
    }

    private void restart() {
        writer.close();
        store = openAgain(store);
        startWriter();
    }

    // ---- Ids that are computed

    @Test
    void aStateThatReturnsInOneVersionIsANewChange() {
        Receipt on = accept(state("1", "on"));
        Receipt off = accept(state("1", "off"));
        Receipt onAgain = accept(state("1", "on"));

        assertThat(List.of(on, off, onAgain)).allMatch(receipt -> !receipt.duplicate());
        assertThat(onAgain.id()).isNotEqualTo(on.id()).startsWith(on.id());
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void theRepeatOfAStateThatReturnedIsADuplicateOfItsReturn() {
        accept(state("1", "on"));
        accept(state("1", "off"));
        Receipt onAgain = accept(state("1", "on"));
        fill(20);

        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(onAgain));
        Receipt offAgain = accept(state("1", "off"));
        assertThat(offAgain.duplicate()).isFalse();
        assertThat(accept(state("1", "off"))).isEqualTo(duplicate(offAgain));
        assertThat(history()).containsExactly("on", "off", "on", "off");
        assertThat(ids()).doesNotHaveDuplicates();
    }

    @Test
    void statesThatReturnInOneListAreAllStored() {
        List<Receipt> receipts = acceptAll(state("1", "on"), state("1", "off"), state("1", "on"));

        assertThat(receipts).extracting(Receipt::duplicate).containsExactly(false, false, false);
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void oneStateTwiceInARowIsOneChange() {
        List<Receipt> receipts = acceptAll(state("1", "on"), state("1", "on"), state("1", "off"), state("1", "off"));

        assertThat(receipts).extracting(Receipt::duplicate).containsExactly(false, true, false, true);
        assertThat(receipts.get(1)).isEqualTo(duplicate(receipts.get(0)));
        assertThat(history()).containsExactly("on", "off");
    }

    @Test
    void aListThatIsSentAgainIsRecognisedAsAWhole() {
        Change[] list = {state("1", "on"), state("1", "off"), state("1", "off"), other("1"), state("1", "on")};
        List<Receipt> first = acceptAll(list);
        restart();
        List<Receipt> second = acceptAll(list);

        assertThat(second).extracting(Receipt::duplicate).containsOnly(true);
        assertThat(second)
                .extracting(Receipt::sequence)
                .isEqualTo(first.stream().map(Receipt::sequence).toList());
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void whatIsNewBehindARepeatedListIsStored() {
        acceptAll(state("1", "on"), state("1", "off"));
        List<Receipt> receipts = acceptAll(state("1", "on"), state("1", "off"), state("1", "dim"), state("1", "on"));

        assertThat(receipts).extracting(Receipt::duplicate).containsExactly(true, true, false, false);
        assertThat(history()).containsExactly("on", "off", "dim", "on");
    }

    @Test
    void oneStateSentAHundredTimesAtOnceIsOneChange() throws Exception {
        List<CompletableFuture<List<Receipt>>> sent = Collections.synchronizedList(new ArrayList<>());
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            senders.add(new Thread(() -> {
                for (int n = 0; n < 10; n++) {
                    sent.add(submit(List.of(state("1", "on")), null));
                }
            }));
        }
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            sender.join();
        }
        List<Receipt> receipts = sent.stream().map(one -> one.join().get(0)).toList();

        assertThat(receipts).hasSize(100);
        assertThat(receipts.stream().filter(receipt -> !receipt.duplicate())).hasSize(1);
        assertThat(receipts).extracting(Receipt::sequence).containsOnly(1L);
        assertThat(history()).containsExactly("on");
    }

    @Test
    void aDeleteWithTheVersionAndTheBodyOfTheUpsertIsANewChange() {
        Receipt upsert = accept(change("lamp", "1", Operation.UPSERT, ""));
        Receipt delete = accept(change("lamp", "1", Operation.DELETE, ""));
        Receipt deleteAgain = accept(change("lamp", "1", Operation.DELETE, ""));
        Receipt upsertAgain = accept(change("lamp", "1", Operation.UPSERT, ""));
        Receipt upsertOnceMore = accept(change("lamp", "1", Operation.UPSERT, ""));

        assertThat(List.of(upsert, delete, upsertAgain)).allMatch(receipt -> !receipt.duplicate());
        assertThat(deleteAgain).isEqualTo(duplicate(delete));
        assertThat(upsertOnceMore).isEqualTo(duplicate(upsertAgain));
        assertThat(heads())
                .extracting(Change::operation)
                .containsExactly(Operation.UPSERT, Operation.DELETE, Operation.UPSERT);
    }

    @Test
    void aStateOfAnOlderVersionThanTheNewestIsADuplicate() {
        Receipt first = accept(state("9", "on"));
        accept(state("10", "off"));
        fill(20);

        assertThat(accept(state("9", "on"))).isEqualTo(duplicate(first));
        assertThat(history()).containsExactly("on", "off");
    }

    @Test
    void aStateOfANewerVersionThanTheNewestReturns() {
        accept(state("10", "on"));
        accept(state("9", "off")); // came late
        Receipt again = accept(state("10", "on"));

        assertThat(again.duplicate()).isFalse();
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void aRepeatIsRecognisedAfterARestart() {
        Receipt on = accept(state("1", "on"));
        restart();
        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(on));
        accept(state("1", "off"));
        Receipt onAgain = accept(state("1", "on"));
        restart();

        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(onAgain));
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void anUpsertOfAnEarlierVersionOfSeraiIsRecognised() {
        // SHA-256 over flow, key, version and body, as it always was
        Change earlier = given("66551ca02f47c2fed50fcc624e22c460", "lamp", "1", "on");
        assertThat(state("1", "on").id()).isEqualTo(earlier.id());
        Receipt stored = accept(earlier);

        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(stored));
    }

    @Test
    void aStateWhoseOriginalWasDeletedByRetentionIsNew() {
        addTarget();
        Receipt first = accept(state("1", "on"));
        deliver(first);
        purge();
        Receipt again = accept(state("1", "on"));

        assertThat(again.duplicate()).isFalse();
        assertThat(again.sequence()).isGreaterThan(first.sequence());
        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(again));
    }

    @Test
    void aStateIsNewWhenRetentionMayHaveDeletedLaterOnes() {
        addTarget();
        Receipt on = accept(state("1", "on"));
        Receipt off = accept(state("1", "off"));
        settle(on, new Delivery(TARGET, DeliveryState.DEAD, 1, null, Instant.now(), 422, "no"));
        deliver(off);
        purge();
        assertThat(history()).containsExactly("on");

        Receipt again = accept(state("1", "on"));
        assertThat(again.duplicate()).isFalse();
        assertThat(again.id()).isNotEqualTo(on.id());
        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(again));
    }

    @Test
    void theStateThatAGivenIdBroughtIsNotStoredAgain() {
        accept(state("1", "on"));
        accept(state("1", "off"));
        Receipt pushed = accept(given("event-1", "lamp", "1", "on"));

        assertThat(accept(state("1", "on"))).isEqualTo(duplicate(pushed));
        assertThat(history()).containsExactly("on", "off", "on");
    }

    @Test
    void aHashThatSomebodyGaveToAnotherChangeHidesNothing() {
        Change on = state("1", "on");
        accept(given(on.id(), "another", "1", "on"));
        Receipt receipt = accept(on);

        assertThat(receipt.duplicate()).isFalse();
        assertThat(receipt.id()).isNotEqualTo(on.id());
        assertThat(history()).containsExactly("on");
        assertThat(accept(on)).isEqualTo(duplicate(receipt));
    }

    // ---- Ids that are given

    @Test
    void aGivenIdIsOneChangeEvenIfOthersCameAfterIt() {
        Receipt first = accept(given("e1", "lamp", "1", "on"));
        accept(given("e2", "lamp", "1", "off"));

        assertThat(accept(given("e1", "lamp", "1", "on"))).isEqualTo(duplicate(first));
        assertThat(acceptAll(
                        given("e1", "lamp", "1", "on"),
                        given("e3", "lamp", "1", "dim"),
                        given("e3", "lamp", "1", "dim")))
                .extracting(Receipt::duplicate)
                .containsExactly(true, false, true);
        assertThat(history()).containsExactly("on", "off", "dim");
    }

    @Test
    void aGivenIdWithAnotherKeyOperationVersionOrBodyIsAConflict() {
        accept(given("e1", "lamp", "1", "on"));

        assertConflict(given("e1", "lamp 2", "1", "on"), "another key");
        assertConflict(given("e1", "lamp", "2", "on"), "another version");
        assertConflict(given("e1", "lamp", null, "on"), "another version");
        assertConflict(given("e1", "lamp", "1", "off"), "another body");
        Change delete = new Change(FLOW, "e1", "lamp", "1", Operation.DELETE, null, Map.of(), bytes("on"));
        assertConflict(delete, "another operation");
        assertThat(history()).containsExactly("on");
    }

    @Test
    void contentTypeAndHeadersMayDifferInARepeat() {
        Receipt first = accept(given("e1", "lamp", "1", "on"));
        Change again =
                new Change(FLOW, "e1", "lamp", "1", Operation.UPSERT, "text/plain", Map.of("via", "b"), bytes("on"));

        assertThat(accept(again)).isEqualTo(duplicate(first));
    }

    @Test
    void oneConflictInAListAcceptsNothingOfIt() {
        accept(given("e1", "lamp", "1", "on"));
        assertConflict(
                List.of(state("1", "off"), given("e2", "lamp", "1", "on"), given("e1", "other", "1", "on")),
                "another key");
        assertConflict(List.of(given("e3", "a", "1", "on"), given("e3", "b", "1", "on")), "another key");

        assertThat(history()).containsExactly("on");
        assertThat(store.lastSequence()).isEqualTo(1);
        assertThat(store.cursor("pull")).isEmpty();
    }

    // ---- Help

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Change change(String key, String version, Operation operation, String body) {
        String id = Change.idOf(FLOW, key, version, operation, bytes(body));
        return new Change(FLOW, id, key, version, operation, null, Map.of(), bytes(body), true);
    }

    private static Change state(String version, String body) {
        return change("lamp", version, Operation.UPSERT, body);
    }

    private static Change other(String version) {
        return change("other", version, Operation.UPSERT, "on");
    }

    private static Change given(String id, String key, @Nullable String version, String body) {
        return new Change(FLOW, id, key, version, Operation.UPSERT, null, Map.of(), bytes(body));
    }

    private static Receipt duplicate(Receipt first) {
        return new Receipt(first.flow(), first.id(), first.sequence(), true);
    }

    private CompletableFuture<List<Receipt>> submit(List<Change> changes, @Nullable Cursor cursor) {
        AcceptWrite write = new AcceptWrite(
                changes, cursor, Clock.systemUTC(), Runnable::run, null, Runnable::run, () -> {}, receipts -> {});
        writer.submit(write);
        return write.answer();
    }

    private Receipt accept(Change change) {
        return submit(List.of(change), null).join().get(0);
    }

    private List<Receipt> acceptAll(Change... changes) {
        return submit(List.of(changes), null).join();
    }

    private void assertConflict(Change change, String reason) {
        assertConflict(List.of(change), reason);
    }

    private void assertConflict(List<Change> changes, String reason) {
        assertThatThrownBy(() ->
                        submit(changes, new Cursor("pull", "1", Instant.EPOCH)).join())
                .hasCauseInstanceOf(LedgerException.Conflict.class)
                .hasMessageContaining(reason);
    }

    /** Other changes, so that what came before leaves the index's memory. */
    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            accept(given("fill-" + store.lastSequence(), "key-" + i, null, ""));
        }
    }

    private void run(Consumer<Transaction> work) {
        writer.write(new WorkWrite<>(true, transaction -> {
            work.accept(transaction);
            return true;
        }));
    }

    private void addTarget() {
        run(t -> t.addTarget(TARGET, 0));
    }

    private void deliver(Receipt receipt) {
        settle(receipt, new Delivery(TARGET, DeliveryState.DELIVERED, 1, null, Instant.now(), 200, null));
    }

    private void settle(Receipt receipt, Delivery delivery) {
        run(t -> t.settle(receipt.sequence(), Hash.of("lamp"), DeliveryState.PENDING, delivery));
    }

    private void purge() {
        for (int i = 0; i < 10; i++) {
            run(t -> t.purge(0, OVER, 10, (target, key, sequence) -> {}));
        }
    }

    private List<Change> heads() {
        List<Change> heads = new ArrayList<>();
        for (Entry head : store.changes(new ChangeQuery(FLOW, "lamp", null, 100))) {
            heads.add(0, store.entry(head.sequence()).orElseThrow().change());
        }
        return heads;
    }

    private List<String> history() {
        return heads().stream()
                .map(change -> new String(change.body(), StandardCharsets.UTF_8))
                .toList();
    }

    private List<String> ids() {
        return heads().stream().map(Change::id).toList();
    }
}
