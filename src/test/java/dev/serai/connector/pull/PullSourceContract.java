package dev.serai.connector.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promises of every source that Serai reads: it skips nothing and hides nothing. A subclass for each kind of source writes
 * records, breaks them and takes the source away.
 */
public abstract class PullSourceContract {
    private static final String ROUTE = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:%s
                  parameters:
            %s
                  steps:
                    - process: { ref: beforeLedger }
                    - to:
                        uri: ledger:orders
                        parameters:
                          batch: true
            %s
                    - process: { ref: afterLedger }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: all, startFrom: earliest }
                  steps:
                    - to: { uri: "log:target?level=OFF" }
            """;

    @TempDir
    private Path ledger;

    private volatile Processor beforeLedger = exchange -> {};
    private volatile Processor afterLedger = exchange -> {};
    private KameletRunner pull;

    // ---- What a subclass says

    /** The Kamelet's name. */
    protected abstract String kamelet();

    /** Its options as lines of YAML, with an interval as short as possible and batches of two records. */
    protected abstract String options();

    /** The option that makes another reader of it, which begins at the start, as a line of YAML. */
    protected String ofAnotherReader() {
        return "name: another";
    }

    /** The options of {@code ledger:} as lines of YAML. */
    protected String ledgerOptions() {
        return "key: \"${jq(.id)}\"\nversion: \"${jq(.at)}\"";
    }

    protected Map<String, String> properties() {
        return Map.of();
    }

    protected void bind(CamelContext context) {}

    /** Writes records with these keys behind all that there are. */
    protected abstract void write(String... keys) throws Exception;

    /** Writes a record that can never become a change. */
    protected abstract void writeBroken() throws Exception;

    /** Makes the records readable that another reader has to find again, if they are not. */
    protected void offerAgain() throws Exception {}

    /** The source cannot be read any more. */
    protected abstract void takeAway() throws Exception;

    /** It can be read again, with all that it had. */
    protected abstract void bringBack() throws Exception;

    // ---- How it runs

    private void start() throws Exception {
        start("");
    }

    private void start(String moreOptions) throws Exception {
        stopPull();
        pull = new KameletRunner(ledger);
        pull.context.getRegistry().bind("beforeLedger", (Processor) exchange -> beforeLedger.process(exchange));
        pull.context.getRegistry().bind("afterLedger", (Processor) exchange -> afterLedger.process(exchange));
        bind(pull.context);
        String options = (options().strip() + "\n" + moreOptions).strip();
        pull.with(
                        ROUTE.formatted(
                                kamelet(),
                                indented(options, 8),
                                indented(ledgerOptions().strip(), 14)),
                        properties())
                .start();
    }

    private static String indented(String lines, int by) {
        return lines.indent(by).stripTrailing();
    }

    @AfterEach
    protected final void stopPull() {
        if (pull != null) {
            pull.close();
            pull = null;
        }
    }

    /** The keys in the order in which the ledger took them. */
    private List<String> accepted() {
        return pull.accepted("orders").stream()
                .sorted(Comparator.comparingLong(Entry::sequence))
                .map(entry -> entry.change().key())
                .toList();
    }

    private void awaitAccepted(String... keys) {
        await().untilAsserted(() -> assertThat(accepted()).containsExactly(keys));
    }

    private long dead() {
        return pull.ledger().actions().count(DeliveryFilter.ALL, DeliveryState.DEAD);
    }

    private SourceReport report() {
        List<SourceReport> reports = SourceRegistry.of(pull.context).reports();
        assertThat(reports).hasSize(1);
        return reports.get(0);
    }

    private void awaitState(SourceState state) {
        await().until(() -> report().state() == state);
    }

    /** With this reason: a source that has to connect first is failing until then. */
    private void awaitFailingWith(String reason) {
        await().until(() -> {
            SourceReport report = report();
            return report.state() == SourceState.FAILING
                    && String.valueOf(report.reason()).contains(reason);
        });
    }

    private static LedgerException diskIsFull() {
        return new LedgerException.Unavailable("the disk is full", new StoreException("full"));
    }

    private static boolean has(Exchange exchange, String key) {
        for (Object record : exchange.getMessage().getBody(List.class)) {
            String text = record instanceof Exchange one ? one.getMessage().getBody(String.class) : record.toString();
            if (text.contains(key)) {
                return true;
            }
        }
        return false;
    }

    // ---- What it promises

    @Test
    public void recordsAreReadOnceInTheirOrderAndLaterOnesFollow() throws Exception {
        write("first", "second", "third");
        start();
        awaitAccepted("first", "second", "third");

        write("fourth");
        awaitAccepted("first", "second", "third", "fourth");
        assertThat(dead()).isZero();
    }

    @Test
    public void whatIsReadAgainIsRecognised() throws Exception {
        write("first", "second");
        start();
        awaitAccepted("first", "second");

        stopPull(); // else it reads them again itself
        offerAgain();
        start(ofAnotherReader());
        await().until(() -> report().records() >= 2);
        write("third");
        awaitAccepted("first", "second", "third");
        assertThat(report().duplicates()).isGreaterThanOrEqualTo(2);
    }

    @Test
    public void theStateShowsWhatWasReadAndWhen() throws Exception {
        write("first", "second");
        start();
        awaitAccepted("first", "second");
        awaitState(SourceState.OK);
        await().until(() -> report().lastGoodAt() != null); // a moment after it was accepted

        SourceReport report = report();
        assertThat(report.flows()).containsExactly("orders");
        assertThat(report.accepted()).isEqualTo(2);
        assertThat(report.records()).isGreaterThanOrEqualTo(2);
        assertThat(report.reason()).isNull();
        assertThat(report.broken() + report.failedRuns()).isZero();
    }

    @Test
    public void aBrokenRecordBecomesADeadLetterWithItsPlaceAndTheOthersGoOn() throws Exception {
        write("before");
        writeBroken();
        write("behind");
        start();
        await().until(() -> accepted().size() == 3);
        awaitState(SourceState.OK);

        assertThat(accepted()).contains("before", "behind");
        await().until(() -> dead() == 1);
        assertThat(pull.ledger().dead(DeliveryFilter.ALL, 0, 2)).singleElement().satisfies(letter -> {
            assertThat(letter.key()).as("its place").isNotBlank();
            assertThat(letter.error()).isNotBlank();
        });
        assertThat(report().broken()).isEqualTo(1);
    }

    @Test
    public void aRecordThatTheRouteRefusesBecomesADeadLetterAndTheOthersGoOn() throws Exception {
        beforeLedger = exchange -> {
            if (has(exchange, "unwanted")) {
                throw new ValidationException(exchange, "not wanted here");
            }
        };
        write("first", "unwanted", "third", "fourth");
        start();
        await().until(() -> accepted().size() == 4);
        awaitState(SourceState.OK);

        assertThat(accepted()).contains("first", "third", "fourth").doesNotContain("unwanted");
        await().until(() -> dead() == 1);
        assertThat(pull.ledger().dead(DeliveryFilter.ALL, 0, 2))
                .singleElement()
                .satisfies(letter -> assertThat(letter.error()).contains("not wanted here"));
    }

    @Test
    public void aStepThatFailsIsTriedAgainBeforeARecordIsGivenUp() throws Exception {
        AtomicInteger failed = new AtomicInteger();
        beforeLedger = exchange -> {
            if (has(exchange, "second") && failed.incrementAndGet() <= 2) {
                throw new IllegalStateException("mapping failed");
            }
        };
        write("first", "second", "third");
        start();

        awaitAccepted("first", "second", "third");
        assertThat(dead()).isZero();
    }

    @Test
    public void aBatchThatIsRolledBackIsReadAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        beforeLedger = exchange -> exchange.setRollbackOnly(tries.incrementAndGet() == 1);
        write("first", "second");
        start();

        awaitAccepted("first", "second");
        assertThat(dead()).isZero();
    }

    @Test
    public void onDemandABrokenRecordStopsTheSourceUntilItIsMended() throws Exception {
        beforeLedger = exchange -> {
            if (has(exchange, "unwanted")) {
                throw new ValidationException(exchange, "not wanted here");
            }
        };
        write("first", "unwanted", "third");
        start("onBroken: stop");
        awaitFailingWith("not wanted here");
        assertThat(accepted()).containsExactly("first");

        beforeLedger = exchange -> {};
        awaitAccepted("first", "unwanted", "third");
        awaitState(SourceState.OK);
    }

    @Test
    public void whileTheLedgerTakesNothingTheSourceIsFailingAndNothingIsGivenUp() throws Exception {
        beforeLedger = exchange -> {
            throw diskIsFull();
        };
        write("first", "second", "third");
        start();
        awaitFailingWith("the disk is full");
        assertThat(accepted()).isEmpty();

        beforeLedger = exchange -> {};
        awaitAccepted("first", "second", "third");
        awaitState(SourceState.OK);
        assertThat(dead()).isZero();
    }

    /** A crash loses what the process knew: only the ledger and the source remain. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    public void aCrashLosesNothingAndDoublesNothing(boolean isAfterTheLedgerTookIt) throws Exception {
        write("first", "second");
        start();
        awaitAccepted("first", "second");
        AtomicInteger failed = new AtomicInteger();
        Processor fails = exchange -> {
            failed.incrementAndGet();
            throw diskIsFull();
        };
        if (isAfterTheLedgerTookIt) {
            afterLedger = fails;
        } else {
            beforeLedger = fails;
        }
        write("third", "fourth", "fifth");
        await().until(() -> failed.get() > 0);
        stopPull();

        beforeLedger = exchange -> {};
        afterLedger = exchange -> {};
        start();
        awaitAccepted("first", "second", "third", "fourth", "fifth");
        assertThat(dead()).isZero();
    }

    @Test
    public void aSourceThatIsDownIsFailingWithTheReasonAndGoesOnByItself() throws Exception {
        write("first");
        start();
        awaitAccepted("first");
        awaitState(SourceState.OK);
        takeAway();
        awaitState(SourceState.FAILING);
        assertThat(report().reason()).isNotBlank();
        assertThat(report().lastError()).isNotNull();

        bringBack();
        write("second");
        awaitAccepted("first", "second");
        awaitState(SourceState.OK);
    }
}
