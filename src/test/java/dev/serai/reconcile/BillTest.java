package dev.serai.reconcile;

import static dev.serai.reconcile.BillPeer.payment;
import static dev.serai.reconcile.BillPeer.refund;
import static dev.serai.reconcile.ReconcileStage.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.FlowRoutes.FlowUse;
import dev.serai.camel.FlowRoutes.UsedRoute;
import dev.serai.ledger.model.Cursor;
import dev.serai.reconcile.bill.BillKeeper;
import dev.serai.reconcile.bill.BillReport;
import dev.serai.reconcile.bill.BillReport.BillDifference;
import dev.serai.support.Patience;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole days: WeChat Pay's bill, the ledger, and a target over HTTP. */
class BillTest {
    @TempDir
    Path folder;

    private final BillPeer weChatPay = new BillPeer();
    private ReconcileStage stage;
    private LocalDate day;

    @BeforeEach
    void start() throws Exception {
        stage = new ReconcileStage(folder);
    }

    @AfterEach
    void stop() {
        stage.close();
        weChatPay.close();
    }

    private BillKeeper bills() {
        await().atMost(Patience.MAX).until(() -> stage.reconciler.bills().contains("orders"));
        return stage.reconciler.bills("orders").orElseThrow();
    }

    private void follow(String more) throws Exception {
        follow(stage.byKey(), more);
    }

    private void follow(String way, String more) throws Exception {
        stage.reconcile(way + weChatPay.block() + more);
        day = bills().newest();
    }

    /** A payment or refund that the source reports, and the target takes. */
    private void paid(String id, long fen, String time) {
        stage.send(id, state(id, fen, "SUCCESS", day + "T" + time + "+08:00"));
    }

    private static String state(String id, long fen, String status, String at) {
        return "{\"id\":\"" + id + "\",\"amount\":" + fen + ",\"status\":\"" + status + "\",\"at\":\"" + at + "\"}";
    }

    private BillReport run(boolean repair, boolean dryRun) {
        return run(day, repair, dryRun);
    }

    private BillReport run(LocalDate of, boolean repair, boolean dryRun) {
        await().atMost(Patience.MAX).until(() -> bills().start(of, repair, dryRun, true) == null);
        return end(of);
    }

    private BillReport end(LocalDate of) {
        await().atMost(Patience.MAX).until(() -> !bills().report(of).state().equals("running"));
        return bills().report(of);
    }

    private static Map<String, List<String>> kinds(BillReport report) {
        Map<String, List<String>> kinds = new TreeMap<>();
        report.differences().forEach(one -> kinds.put(one.id(), one.kinds()));
        return kinds;
    }

    private static BillDifference difference(BillReport report, String id) {
        return report.differences().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aDayWithEveryKindOfDifferenceIsFoundPreviewedRepairedAndSignedOff() throws Exception {
        follow("");
        for (String id : List.of("P-amount", "P-lost", "P-ok", "P-status", "P-there", "P-unreadable")) {
            paid(id, 6_500, "10:34:56");
        }
        paid("P-late", 100, "23:59:30");
        paid("P-wrong", 2_100, "10:00:00");
        paid("R-ok", -500, "10:34:56");
        stage.awaitDelivered();
        stage.has.remove("P-lost");
        stage.has.put("P-amount", json(state("P-amount", 6_499, "SUCCESS", "")));
        stage.has.put("P-status", json(state("P-status", 6_500, "PENDING", "")));
        weChatPay.add(
                day,
                payment("P-amount", "65.00"),
                payment("P-here", "1.10"),
                payment("P-lost", "65.00"),
                payment("P-ok", "65.00"),
                payment("P-status", "65.00"),
                payment("P-unreadable", "65.005"),
                payment("P-wrong", "20.00"),
                refund("R-ok", "5.00", "SUCCESS"),
                refund("R-open", "3.00", "PROCESSING"));
        weChatPay.lies.put(day.toString(), "`8,`281.10");

        BillReport found = run(false, false);

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(kinds(found))
                .isEqualTo(Map.of(
                        "P-amount", List.of("amountDiffers"),
                        "P-here", List.of("missingHere", "missingInTarget"),
                        "P-lost", List.of("missingInTarget"),
                        "P-status", List.of("statusDiffers"),
                        "P-there", List.of("missingThere"),
                        "P-unreadable", List.of("unreadable"),
                        "P-wrong", List.of("amountDiffers")));
        assertThat(found.matched()).isEqualTo(2);
        assertThat(List.of(found.onBill(), found.open(), found.nextDay())).containsExactly(9L, 1L, 1L);
        assertThat(found.billFault()).isEqualTo("the bill contradicts itself: it says 8 rows and has 9");
        assertThat(found.totals().bill()).isEqualTo(new BillReport.SideSum(6, 28_110, 2, 800));
        assertThat(found.totals().ledger()).isEqualTo(new BillReport.SideSum(7, 41_100, 1, 500));
        assertThat(difference(found, "P-amount").target().amount()).isEqualTo(6_499);
        assertThat(difference(found, "P-here").ledger()).isNull();
        assertThat(bills().trouble()).startsWith(day + ": 7 differ: 1 missing here, 1 missing there");

        int takenBefore = stage.taken.size();
        BillReport preview = run(true, true);
        assertThat(kinds(preview)).isEqualTo(kinds(found));
        assertThat(difference(preview, "P-lost").repair()).isEqualTo("would be delivered again");
        assertThat(stage.taken).hasSize(takenBefore);

        BillReport repaired = run(true, false);
        assertThat(repaired.repaired()).isEqualTo(3);
        assertThat(kinds(repaired)).containsOnlyKeys("P-here", "P-there", "P-unreadable", "P-wrong");
        assertThat(stage.taken.subList(takenBefore, stage.taken.size()))
                .containsExactlyInAnyOrder("P-lost", "P-amount", "P-status");
        assertThat(difference(repaired, "P-here").repair())
                .startsWith("not repaired: let the source of orders fetch it");
        assertThat(difference(repaired, "P-wrong").repair())
                .startsWith("not repaired: the ledger differs from the bill");

        assertThat(bills().signOff(day, "anna", null)).startsWith("not everything matches");
        assertThat(bills().signOff(day, "anna", "checked by hand")).isNull();
        assertThat(bills().report(day).signedOff().by()).isEqualTo("anna");
        assertThat(bills().trouble()).isNull();
        assertThat(bills().start(day, false, false, false)).contains("is signed off by anna");

        stage.restart();
        assertThat(bills().report(day).signedOff().reason()).isEqualTo("checked by hand");
    }

    @Test
    void whatHasNoAmountOrStatusIsUnreadableAndMatchesNothing() throws Exception {
        follow("");
        for (String id : List.of("P-amount", "P-ok", "P-status")) {
            paid(id, 6_500, "10:34:56");
        }
        stage.send("P-ledger", "{\"id\":\"P-ledger\",\"status\":\"SUCCESS\",\"at\":\"" + day + "T10:34:56+08:00\"}");
        stage.awaitDelivered();
        stage.has.put("P-amount", json("{\"id\":\"P-amount\",\"status\":\"SUCCESS\"}"));
        stage.has.put("P-status", json("{\"id\":\"P-status\",\"amount\":6500}"));
        weChatPay.add(
                day,
                payment("P-amount", "65.00"),
                payment("P-ledger", "65.00"),
                payment("P-ok", "65.00"),
                payment("P-status", "65.00"));

        BillReport found = run(false, false);

        assertThat(kinds(found))
                .isEqualTo(Map.of(
                        "P-amount", List.of("unreadable"),
                        "P-ledger", List.of("unreadable"),
                        "P-status", List.of("unreadable")));
        assertThat(difference(found, "P-amount").fault()).isEqualTo("in the target there is no amount");
        assertThat(difference(found, "P-ledger").fault()).contains("in the ledger there is no amount");
        assertThat(difference(found, "P-status").fault()).isEqualTo("in the target there is no status");
        assertThat(found.matched()).isEqualTo(1);
    }

    @Test
    void whatHappenedAtMidnightAndRefundsOfEarlierDaysAreOnTheBillsOfOtherDays() throws Exception {
        follow("");
        LocalDate before = day.minusDays(1);
        stage.send("P-tail", state("P-tail", 100, "SUCCESS", before + " 23:59:50"));
        stage.send("P-tail-lost", state("P-tail-lost", 100, "SUCCESS", before + " 23:59:51"));
        stage.send("P-tail-there", state("P-tail-there", 100, "SUCCESS", before + " 23:59:52"));
        paid("P-early", 200, "00:01:00");
        paid("R-slow", -300, "09:00:00");
        stage.awaitDelivered();
        weChatPay.add(
                before,
                payment("P-early", "2.00"),
                payment("P-tail-there", "1.00"),
                refund("R-slow", "3.00", "PROCESSING"));
        weChatPay.add(day, payment("P-tail", "1.00"));

        BillReport first = run(before, false, false);
        BillReport second = run(day, false, false);

        assertThat(first.state()).as(first.reason()).isEqualTo("done");
        assertThat(first.nextDay()).isEqualTo(2);
        assertThat(kinds(first)).isEmpty();
        assertThat(kinds(second)).isEqualTo(Map.of("P-tail-lost", List.of("missingThere")));
        assertThat(second.earlierDay()).isEqualTo(2);
        assertThat(second.matched()).isEqualTo(3);
    }

    @Test
    void aBillThatIsNotThereYetIsWaitedForAndADayWithoutTradesMatches() throws Exception {
        follow("");

        BillReport early = run(day.plusDays(1), false, false);
        weChatPay.refusals.put(day.toString(), "STATEMENT_CREATING");
        BillReport creating = run(false, false);
        weChatPay.refusals.put(day.toString(), "NO_STATEMENT_EXIST");
        BillReport none = run(false, false);

        paid("P-1", 100, "10:00:00");
        BillReport doubtful = run(false, false);

        assertThat(doubtful.state()).isEqualTo("waiting");
        assertThat(doubtful.reason()).endsWith("but the ledger has payments of this day");
        assertThat(early.state()).isEqualTo("waiting");
        assertThat(early.reason()).isEqualTo("the bill is available from " + day.plusDays(2) + "T10:00+08:00");
        assertThat(creating.state() + " " + creating.reason()).isEqualTo("waiting WeChat Pay is still making the bill");
        assertThat(none.state()).isEqualTo("done");
        assertThat(none.reason()).isEqualTo("WeChat Pay says that the day has no trades and so no bill");
        assertThat(none.differing()).isZero();
    }

    @Test
    void nothingIsConcludedFromAnAlteredBillOrATargetThatFails() throws Exception {
        follow("");
        paid("P-1", 100, "10:00:00");
        weChatPay.add(day, payment("P-1", "1.00"));
        weChatPay.falsified = true;

        BillReport altered = run(false, false);
        weChatPay.falsified = false;
        stage.listener = (now, exchange) -> {
            ReconcileStage.answer(exchange, 401, "{}");
            return true;
        };
        BillReport failed = run(false, false);

        assertThat(altered.state()).isEqualTo("failed");
        assertThat(altered.reason()).contains("damaged or forged");
        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason()).contains("401");
        assertThat(failed.differences()).isEmpty();
        assertThat(bills().signOff(day, "anna", "why")).contains("was not compared to its end");
        assertThat(bills().trouble()).contains("401");
    }

    @Test
    void aRunThatAStopInterruptsBeginsAgain() throws Exception {
        follow("");
        paid("P-1", 100, "10:00:00");
        stage.awaitDelivered();
        weChatPay.add(day, payment("P-1", "1.00"));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        stage.listener = (now, exchange) -> {
            reading.countDown();
            never.await();
            return true;
        };
        assertThat(bills().start(day, false, false, false)).isNull();
        reading.await();
        stage.listener = (now, exchange) -> false;

        stage.restart();

        await().atMost(Patience.MAX).until(() -> bills().report(day).state().equals("done"));
        assertThat(bills().report(day).matched()).isEqualTo(1);
        never.countDown();
    }

    @Test
    void aTargetThatCanOnlyBeListedIsComparedAndRepairedToo() throws Exception {
        follow(stage.byPage(), "");
        for (int i = 0; i < 2 * ReconcileStage.PAGE; i++) { // so that there are several pages
            stage.has.put("x" + i, json(state("x" + i, i, "SUCCESS", "")));
        }
        paid("P-1", 100, "10:00:00");
        paid("P-2", 100, "10:00:00");
        stage.awaitDelivered();
        stage.has.remove("P-2");
        weChatPay.add(day, payment("P-1", "1.00"), payment("P-2", "1.00"));

        assertThat(kinds(run(false, false))).isEqualTo(Map.of("P-2", List.of("missingInTarget")));
        BillReport repaired = run(true, false);
        assertThat(repaired.repaired()).isEqualTo(1);
        assertThat(repaired.matched()).isEqualTo(2);
    }

    @Test
    void aListingWhosePagesComeAgainAndAgainInTurnFailsTheRun() throws Exception {
        follow(stage.byNumber(), "");
        paid("P-ok", 6_500, "10:34:56");
        stage.awaitDelivered();
        weChatPay.add(day, payment("P-ok", "65.00"));
        stage.listener = (now, exchange) -> {
            int page = Integer.parseInt(String.valueOf(exchange.getRequestURI()).replaceAll(".*page=", ""));
            ReconcileStage.answer(exchange, 200, "{\"orders\":[{\"id\":\"P-" + page % 2 + "\"}]}");
            return true;
        };

        BillReport failed = run(false, false);

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason()).contains("goes round in a circle");
    }

    @Test
    void whatTheLedgerLacksIsReadAgainByTheFlowsOwnBillSource() throws Exception {
        follow("");
        weChatPay.add(day, payment("P-here", "1.10"));
        stage.camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:wechatpay-bill-source").routeId("orders-bills").to("direct:none");
            }
        });
        UsedRoute source = new UsedRoute("orders-bills", null, null, "source", null);
        FlowRoutes routes = flow -> new FlowUse(List.of(source), List.of(), List.of());
        stage.camel.getRegistry().bind("flowRoutes", routes);
        cursor(day + "+500");

        assertThat(difference(run(true, false), "P-here").repair())
                .isEqualTo("its bill source orders-bills has not read this day to its end yet");
        cursor(day.plusDays(1).toString());
        assertThat(difference(run(true, true), "P-here").repair())
                .isEqualTo("its bill source orders-bills would read this day again");
        assertThat(difference(run(true, false), "P-here").repair())
                .isEqualTo("its bill source orders-bills reads this day again in its next run");
        assertThat(stage.ledger.cursor("orders-bills").orElseThrow().value()).isEqualTo(day.toString());
    }

    private void cursor(String value) {
        stage.ledger
                .saveCursor(new Cursor("orders-bills", value, Instant.now()))
                .join();
    }

    @Test
    void aDayIsComparedByItselfWhenItsTimeHasCome() throws Exception {
        follow("  at: \"00:00\"\n");

        await().atMost(Patience.MAX).until(() -> bills().report(day).state().equals("done"));
    }

    @Test
    void daysAreComparedAlsoAfterTheClockWasAYearAhead() throws Exception {
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ofDays(365));
        stage.clock = new SetClock(ahead::get);
        follow("  at: \"00:00\"\n");
        await().atMost(Patience.MAX).until(() -> !bills().days(1).isEmpty());

        ahead.set(Duration.ZERO);
        LocalDate newest = bills().newest();
        await().atMost(Patience.MAX).until(() -> bills().days(100).stream()
                .anyMatch(one ->
                        one.day().equals(newest.toString()) && one.state().equals("done")));
    }

    /** The wall clock, set ahead. */
    private static final class SetClock extends Clock {
        private final Supplier<Duration> ahead;

        SetClock(Supplier<Duration> ahead) {
            this.ahead = ahead;
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
