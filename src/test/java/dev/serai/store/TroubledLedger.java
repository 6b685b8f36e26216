package dev.serai.store;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Makes a ledger of a node in trouble, through the store as a node does: changes of a week in four flows, most of them delivered,
 * and dead letters of ten causes over five targets, a tenth as many that are retrying, a fifth of those blocked behind them, and
 * pending ones; with the history of 90 days and an audit.
 *
 * <p>Arguments: a folder, the number of changes, the number of dead letters.
 */
final class TroubledLedger {
    private static final int GROUP = 2_000;
    private static final int KEYS = 200_000;
    private static final Duration AGE = Duration.ofDays(7);
    private static final TargetName ERP = new TargetName("orders", "erp");
    private static final TargetName SHOP = new TargetName("orders", "shop");
    private static final TargetName PLATFORM = new TargetName("payments", "platform");
    private static final TargetName WAREHOUSE = new TargetName("stock", "warehouse");
    private static final TargetName CRM = new TargetName("customers", "crm");
    private static final List<TargetName> TARGETS = List.of(ERP, SHOP, PLATFORM, WAREHOUSE, CRM);
    private static final List<String> FLOWS = List.of("orders", "payments", "stock", "customers");
    private static final int[] STATUSES = {422, 400, 404, 503, 500, 409, 403, 410, 502, 504};
    private static final String[] ERRORS = {
        "order %d is unknown",
        "the amount of payment %d is negative",
        "HTTP 404 from http://10.0.0.7:8080/records/%d",
        "connection to 10.0.0.8:443 refused after %d ms",
        "{\"code\":\"E%d\",\"message\":\"internal error\"}",
        "record %d was changed meanwhile",
        "the token of client %d has no right to write",
        "customer %d has been deleted",
        "upstream %d failed",
        "no answer within %d ms"
    };

    private final SplittableRandom random = new SplittableRandom(7);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final JdbcStore store;
    private final int total;
    /** So many of {@link #total} deliveries are dead. */
    private final int dead;

    private final Map<TargetName, Long> behind = new HashMap<>();
    private long deadWritten;

    private TroubledLedger(JdbcStore store, int total, int dead) {
        this.store = store;
        this.total = total;
        this.dead = dead;
    }

    public static void main(String[] args) throws Exception {
        Path file = Files.createDirectories(Path.of(args[0])).resolve("ledger.db");
        try (JdbcStore store = JdbcStore.open(file)) {
            new TroubledLedger(store, Integer.parseInt(args[1]), Integer.parseInt(args[2])).fill();
        }
    }

    private void fill() {
        run(transaction -> TARGETS.forEach(target -> transaction.addTarget(target, 0)));
        for (int done = 0; done < total; done += GROUP) {
            int first = done;
            run(transaction -> {
                for (int i = first; i < Math.min(total, first + GROUP); i++) {
                    change(transaction, i);
                }
            });
            if (done % (total / 20 / GROUP * GROUP + GROUP) == 0) {
                System.out.printf("%,d changes, %,d dead letters%n", done, deadWritten);
            }
        }
        run(transaction -> TARGETS.forEach(
                target -> transaction.position(target, behind.getOrDefault(target, store.lastSequence() + 1) - 1)));
        history();
        audit();
        TARGETS.forEach(target -> System.out.println(target + ": " + store.counts(target)));
    }

    private void run(Consumer<Transaction> work) {
        try (Transaction transaction = store.begin()) {
            work.accept(transaction);
            transaction.commit();
        }
    }

    /** The last changes of the last flow are pending. Of a change with two targets one has it. */
    private void change(Transaction transaction, int number) {
        Instant acceptedAt = now.minus(AGE.dividedBy(total).multipliedBy(total - number));
        long deadBefore = (long) number * dead / total;
        boolean isDead = (long) (number + 1) * dead / total > deadBefore;
        boolean isWaiting = !isDead && deadBefore % 10 == 5 && (long) (number - 1) * dead / total < deadBefore;
        boolean isParked =
                !isDead && !isWaiting && deadBefore % 50 == 45 && (long) (number - 5) * dead / total < deadBefore;
        boolean isStuck = isWaiting || isParked;
        String flow = FLOWS.get(isStuck ? (int) (deadBefore / 10 % FLOWS.size()) : random.nextInt(FLOWS.size()));
        String key = isStuck ? "stuck-" + deadBefore : "key-" + random.nextInt(KEYS);
        TargetName good = deadBefore % 2 == 0 ? SHOP : ERP;
        DeliveryState bad = isDead
                ? DeliveryState.DEAD
                : isWaiting ? DeliveryState.WAITING : isParked ? DeliveryState.PARKED : DeliveryState.DELIVERED;
        long sequence = transaction.insert(body(flow, key, number), acceptedAt);
        for (TargetName target : TARGETS) {
            if (target.flow().equals(flow)) {
                boolean isPending = target.equals(CRM) && number > total - total / 100;
                if (isPending) {
                    behind.putIfAbsent(target, sequence);
                } else {
                    settle(
                            transaction,
                            target,
                            sequence,
                            key,
                            acceptedAt,
                            target.equals(good) ? DeliveryState.DELIVERED : bad);
                }
            }
        }
    }

    private void settle(
            Transaction transaction, TargetName target, long sequence, String key, Instant at, DeliveryState state) {
        int cause = Math.min(ERRORS.length - 1, random.nextInt(ERRORS.length) * random.nextInt(ERRORS.length) / 5);
        String error = String.format(ERRORS[cause], random.nextInt(1_000_000));
        Delivery delivery =
                switch (state) {
                    case DEAD -> new Delivery(target, state, 3, null, at, STATUSES[cause], error);
                    case WAITING ->
                        new Delivery(target, state, 2, now.plus(Duration.ofHours(6)), null, STATUSES[cause], error);
                    case PARKED -> new Delivery(target, state, 0, null, null, null, null);
                    default -> new Delivery(target, state, 1, null, at, 200, null);
                };
        transaction.settle(sequence, Hash.of(key), DeliveryState.PENDING, delivery);
        if (state == DeliveryState.DEAD || state == DeliveryState.WAITING) {
            deadWritten += state == DeliveryState.DEAD ? 1 : 0;
            for (int attempt = 1; attempt <= delivery.attempts(); attempt++) {
                transaction.attempt(sequence, new Attempt(target, attempt, at, STATUSES[cause], error));
            }
        }
    }

    private Change body(String flow, String key, int number) {
        String body = "{\"id\":\"" + number + "\",\"key\":\"" + key + "\",\"total\":" + random.nextInt(100_000)
                + ",\"note\":\"" + "x".repeat(100) + "\"}";
        return new Change(
                flow,
                "id-" + number,
                key,
                null,
                Operation.UPSERT,
                "application/json",
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    // ---- What is around them

    private void history() {
        Instant end = now.truncatedTo(ChronoUnit.MINUTES);
        for (Instant hour = end.minus(Duration.ofDays(89));
                hour.isBefore(end.minus(Duration.ofDays(2)));
                hour = hour.plus(Duration.ofHours(1))) {
            minute(hour);
        }
        for (Instant minute = end.minus(Duration.ofDays(2));
                minute.isBefore(end);
                minute = minute.plus(Duration.ofMinutes(1))) {
            minute(minute);
        }
    }

    private void minute(Instant minute) {
        List<HistoryRow> rows = new ArrayList<>();
        rows.add(new HistoryRow(null, null, counts()));
        FLOWS.forEach(flow -> rows.add(new HistoryRow(flow, null, counts())));
        TARGETS.forEach(target -> rows.add(new HistoryRow(target.flow(), target.target(), counts())));
        TargetName target = TARGETS.get(random.nextInt(TARGETS.size()));
        boolean isGood = random.nextBoolean();
        StateChange change = new StateChange(
                minute, target.flow(), target.target(), isGood ? "failing" : "ok", isGood ? "ok" : "failing");
        run(transaction -> {
            transaction.history().add(minute, rows);
            transaction.history().stateChanges(List.of(change), Instant.EPOCH, 100_000);
        });
    }

    private HistoryCounts counts() {
        return new HistoryCounts(
                random.nextInt(1_000), 0, random.nextInt(1_000), random.nextInt(20), 1, random.nextInt(500), 60_000);
    }

    private void audit() {
        for (int group = 0; group < 50; group++) {
            int first = group * 1_000;
            run(transaction -> {
                for (int i = first; i < first + 1_000; i++) {
                    transaction.audit(
                            AuditEntry.of(
                                            i % 3 == 0 ? "ann" : "bob",
                                            i % 5 == 0 ? "skip" : "retry",
                                            "orders/erp",
                                            "{\"keys\":[\"k" + i + "\"]}",
                                            1L,
                                            "a test",
                                            "done")
                                    .at(now.minus(Duration.ofDays(90)
                                            .dividedBy(50_000)
                                            .multipliedBy(50_000 - i))),
                            Instant.EPOCH,
                            1_000_000);
                }
            });
        }
    }
}
