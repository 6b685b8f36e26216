package dev.serai.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.support.KameletRunner;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promises of every source that is pushed to: what it answers is true, and a sender that is told to come again can. A subclass
 * for each kind of sender pushes as that sender does.
 */
public abstract class PushSourceContract {
    private static final String ROUTE = """
            - route:
                id: in
                from:
                  uri: kamelet:%s
                  parameters:
            %s
                  steps:
                    - process: { ref: probe }
                    - to:
                        uri: ledger:orders
                        parameters:
                          id: "%s"
                          key: "%s"
            """;

    /** What a sender makes of an answer. */
    public enum Answer {
        TAKEN,
        /** Sending it again is of no use. */
        REFUSED,
        /** It has to be sent again. */
        LATER
    }

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner source = KameletRunner.listening(() -> data);

    private volatile Processor probe = exchange -> {};
    private String lastAnswer = "";

    // ---- What a subclass says

    /** The Kamelet's name. */
    protected abstract String kamelet();

    /** Its options as lines of YAML. */
    protected abstract String options();

    protected Map<String, String> properties() {
        return Map.of();
    }

    /** The id of a change, as an expression. */
    protected String id() {
        return "${header.CamelLedgerId}";
    }

    /** The key of a change, as an expression. */
    protected abstract String key();

    /** Pushes a change of this id and key, with a text in it. */
    protected abstract Answer push(String id, String key, String text) throws Exception;

    /** Pushes a body that cannot be read, or is not the sender's. */
    protected abstract Answer pushBroken() throws Exception;

    // ---- What it can use

    protected final KameletRunner source() {
        return source;
    }

    /** The meaning of an answer over HTTP. */
    protected final Answer of(HttpResponse<String> answer) {
        lastAnswer = answer.body();
        int status = answer.statusCode();
        if (status < 300) {
            return Answer.TAKEN;
        }
        return status < 500 && status != 429 && status != 408 ? Answer.REFUSED : Answer.LATER;
    }

    /** The meaning of an answer over TCP. */
    protected final Answer of(String line) {
        lastAnswer = line;
        if (line.contains("\"sequence\"")) {
            return Answer.TAKEN;
        }
        return line.contains("\"permanent\":true") ? Answer.REFUSED : Answer.LATER;
    }

    private void start() throws Exception {
        source.context.getRegistry().bind("probe", (Processor) exchange -> probe.process(exchange));
        String options = options().strip().indent(8).stripTrailing();
        source.with(ROUTE.formatted(kamelet(), options, id(), key()), properties())
                .start();
    }

    private List<String> keys() {
        return source.accepted("orders").stream()
                .map(entry -> entry.change().key())
                .sorted()
                .toList();
    }

    private SourceReport report() {
        List<SourceReport> reports = SourceRegistry.of(source.context).reports();
        assertThat(reports).hasSize(1);
        return reports.get(0);
    }

    private static LedgerException fullDisk() {
        return new LedgerException.Unavailable("the disk is full", new StoreException("full"));
    }

    // ---- What it promises

    @Test
    public void whatIsAnsweredAsTakenIsInTheLedger() throws Exception {
        start();
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);
        assertThat(keys()).containsExactly("a");
        assertThat(push("e-2", "b", "1")).isEqualTo(Answer.TAKEN);
        assertThat(keys()).containsExactly("a", "b");
        assertThat(report().accepted()).isEqualTo(2);
        assertThat(report().flows()).containsExactly("orders");
        assertThat(report().lastGoodAt()).isNotNull();
    }

    @Test
    public void aRepeatIsAnsweredAsTheFirstTimeAndIsOneChange() throws Exception {
        start();
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);

        assertThat(keys()).containsExactly("a");
        assertThat(report().duplicates()).isEqualTo(1);
    }

    @Test
    public void whatCannotBeReadIsRefusedAndCountedAndTheNextIsTaken() throws Exception {
        start();
        assertThat(pushBroken()).isEqualTo(Answer.REFUSED);
        assertThat(keys()).isEmpty();
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);

        assertThat(keys()).containsExactly("a");
        assertThat(report().refused().values()).containsExactly(1L);
        assertThat(report().lastError()).isNotNull();
    }

    @Test
    public void aStepThatFailsIsTheRoutesFaultSoTheSenderComesAgain() throws Exception {
        probe = exchange -> {
            throw new IllegalStateException("canary of the route");
        };
        start();
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.LATER);
        assertThat(lastAnswer).doesNotContain("canary");
        assertThat(keys()).isEmpty();
        assertThat(report().refused()).containsEntry("route", 1L);
        assertThat(String.valueOf(report().lastError())).contains("canary of the route");

        probe = exchange -> {};
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);
        assertThat(keys()).containsExactly("a");
    }

    @Test
    public void aLedgerThatTakesNothingIsNoReasonToGiveUp() throws Exception {
        probe = exchange -> {
            throw fullDisk();
        };
        start();
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.LATER);
        assertThat(keys()).isEmpty();
        assertThat(report().refused()).containsEntry("ledger", 1L);

        probe = exchange -> {};
        assertThat(push("e-1", "a", "1")).isEqualTo(Answer.TAKEN);
        assertThat(keys()).containsExactly("a");
    }

    @Test
    public void whatIsTooLargeIsRefusedAndTheNextIsTaken() throws Exception {
        start();
        assertThat(push("e-1", "a", "x".repeat(2_000_000))).isEqualTo(Answer.REFUSED);
        assertThat(push("e-2", "b", "1")).isEqualTo(Answer.TAKEN);

        assertThat(keys()).containsExactly("b");
        assertThat(report().refused()).containsEntry("too large", 1L);
    }
}
