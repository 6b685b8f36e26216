package dev.serai.admin;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.task.LedgerScheduler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;

/** Ledgers with a known history. */
public final class TestLedger {
    public static final Instant START = Instant.parse("2026-01-31T08:00:00Z");
    static final TargetName ERP = new TargetName("orders", "erp");
    static final TargetName NEW = new TargetName("orders", "new");
    static final TargetName SHOP = new TargetName("orders", "shop");

    /** Of key A-1: erp has it, shop gave it up after two attempts. */
    final long delivered;

    /** Of key A-1, version 2: erp waits for its second attempt, shop has it. */
    final long waiting;

    /** A change of key B-7 whose body is not text; it is pending for both targets. */
    final long pending;

    public final Ledger ledger;
    /** Null if it is not in memory. */
    final MemoryStore store;

    private final LedgerScheduler scheduler;

    private final StandingTime time = new StandingTime(START.plusSeconds(30));

    private TestLedger(Store opened) {
        long[] sequences = new long[3];
        // The history is written through Store; a ledger opened on it must find all of it.
        store = opened instanceof MemoryStore memory ? memory : null;
        try (Transaction history = opened.begin()) {
            fill(history, sequences);
        }
        scheduler = new LedgerScheduler(1, Executors.defaultThreadFactory());
        ledger = new Ledger(
                opened,
                new LedgerSettings(
                        Limits.DEFAULT,
                        Retention.DEFAULT,
                        new LedgerClock(time),
                        new Random(),
                        scheduler,
                        Runnable::run,
                        (target, state, sinceAccepted) -> {}));
        scheduler.whenFailed(ledger::fail);
        delivered = sequences[0];
        waiting = sequences[1];
        pending = sequences[2];
    }

    /** Ends what it does in the background too. */
    void close() {
        ledger.close();
        scheduler.shutdownNow();
    }

    public static TestLedger withSomeHistory() {
        return new TestLedger(new MemoryStore());
    }

    /** In a store that has nothing yet; closing the ledger closes it. */
    static TestLedger withSomeHistory(Store store) {
        return new TestLedger(store);
    }

    /** Clocks that stand still; the wall clock can be set. */
    private static final class StandingTime implements TimeSource {
        private volatile Instant now;

        StandingTime(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public long monotonicMillis() {
            return 0;
        }
    }

    /** Sets the ledger's wall clock. */
    void setClock(Duration by) {
        time.now = time.now.plus(by);
    }

    /** As a route that starts does. */
    void subscribe(TargetName name) {
        ledger.subscribe(
                name,
                TargetOptions.of(1, RedeliveryPolicy.DEFAULT, false, false),
                (changes, done) -> {},
                new TargetCircuit(new StandingTime(START)));
    }

    /** Subscribes like a route that starts, and delivers. */
    void subscribe(TargetName name, Circuit circuit) {
        ledger.subscribe(
                        name,
                        TargetOptions.of(1, RedeliveryPolicy.DEFAULT, false, false),
                        (changes, done) -> {},
                        circuit)
                .start();
    }

    static Change change(String id) {
        return new Change("orders", id, "k", null, Operation.UPSERT, null, Map.of(), new byte[0]);
    }

    private static void fill(Transaction history, long[] sequences) {
        history.addTarget(ERP, 0);
        history.addTarget(SHOP, 0);
        sequences[0] = history.insert(text("e1", "A-1", "1", "{\"total\":\"5 €\"}"), START);
        sequences[1] = history.insert(text("e2", "A-1", "2", "{\"total\":\"6 €\"}"), START.plusSeconds(10));
        history.duplicate("orders");

        settle(history, sequences[0], done(ERP, 1, 5));
        fail(history, sequences[0], SHOP, 1, 1);
        fail(history, sequences[0], SHOP, 2, 3);
        settle(
                history,
                sequences[0],
                new Delivery(SHOP, DeliveryState.DEAD, 2, null, START.plusSeconds(3), 503, "503 Service Unavailable"));

        fail(history, sequences[1], ERP, 1, 12);
        settle(
                history,
                sequences[1],
                new Delivery(
                        ERP, DeliveryState.WAITING, 1, START.plusSeconds(3600), null, 503, "503 Service Unavailable"));
        settle(history, sequences[1], done(SHOP, 1, 11));
        history.position(ERP, sequences[1]);
        history.position(SHOP, sequences[1]);

        byte[] noText = {(byte) 0xff, 0x00, 0x1b};
        sequences[2] = history.insert(
                new Change(
                        "orders",
                        "e3",
                        "B-7",
                        null,
                        Operation.DELETE,
                        "application/octet-stream",
                        Map.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                        noText),
                START.plusSeconds(20));
        history.cursor(new Cursor("orders-pull", "page-7", START));
        history.commit();
    }

    private static Change text(String id, String key, String version, String json) {
        return new Change(
                "orders",
                id,
                key,
                version,
                Operation.UPSERT,
                "application/json; charset=utf-8",
                Map.of("X-Trace", "t-" + id),
                json.getBytes(StandardCharsets.UTF_8));
    }

    private static Delivery done(TargetName target, int attempts, int second) {
        return new Delivery(target, DeliveryState.DELIVERED, attempts, null, START.plusSeconds(second), 200, null);
    }

    private static void fail(Transaction history, long sequence, TargetName target, int number, int second) {
        history.attempt(
                sequence,
                new Attempt(
                        target,
                        number,
                        START.plusSeconds(second),
                        503,
                        "503 Service Unavailable",
                        new Attempt.Transcript(
                                "POST https://erp.example/payments\n\n{\"total\":\"5 €\"}",
                                "HTTP 503 Service Unavailable")));
    }

    private static void settle(Transaction history, long sequence, Delivery delivery) {
        history.settle(sequence, Hash.of("A-1"), DeliveryState.PENDING, delivery);
    }
}
