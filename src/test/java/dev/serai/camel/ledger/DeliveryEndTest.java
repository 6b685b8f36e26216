package dev.serai.camel.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes that never end, and outcomes that cannot be read: neither stops a target. */
class DeliveryEndTest {
    private static final int CONCURRENCY = 4;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private final CountDownLatch over = new CountDownLatch(1);
    private final Set<String> hungOnce = ConcurrentHashMap.newKeySet();
    private final OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

    /** What hangs counts as in progress for Camel. */
    @BeforeEach
    void stopWithoutWaiting() {
        runner.context.getShutdownStrategy().setTimeout(1);
    }

    @AfterEach
    void letTheRoutesEnd() {
        over.countDown();
    }

    private void start(Processor step) throws Exception {
        runner.context.getRegistry().bind("step", step);
        runner.with("""
                - route:
                    id: out
                    from:
                      uri: ledger:orders
                      parameters:
                        target: shop
                        concurrency: %d
                        deliveryTimeout: 400ms
                        redeliveryDelay: 10ms
                      steps:
                        - process: { ref: step }
                """.formatted(CONCURRENCY), Map.of()).start();
    }

    private void expectAllDelivered() {
        int count = 2 * CONCURRENCY;
        for (int i = 0; i < count; i++) {
            runner.ledger()
                    .accept(new Change(
                            "orders", "" + i, "k" + i, null, Operation.UPSERT, null, Map.of(), new byte[] {1}))
                    .join();
        }
        await().until(() -> status().delivered() == count);
    }

    private TargetStatus status() {
        return runner.ledger().flows().get(0).targets().get(0);
    }

    /** Whether this is the first attempt of a change that is to hang. */
    private boolean isToHang(Exchange exchange) {
        String key = exchange.getMessage().getHeader(LedgerConstants.KEY, String.class);
        return Integer.parseInt(key.substring(1)) < CONCURRENCY && hungOnce.add(key);
    }

    @Test
    void stepsThatNeverCallBackEndAtTheDeadline() throws Exception {
        start(new AsyncProcessorSupport() {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                if (isToHang(exchange)) {
                    return false;
                }
                callback.done(true);
                return true;
            }
        });

        expectAllDelivered();

        assertThat(status().timedOut()).isEqualTo(CONCURRENCY);
    }

    @Test
    void stepsThatBlockTheirThreadAreInterrupted() throws Exception {
        start(exchange -> {
            if (isToHang(exchange)) {
                over.await();
            }
        });

        expectAllDelivered();

        assertThat(status().timedOut()).isEqualTo(CONCURRENCY);
    }

    @Test
    void threadsThatIgnoreTheInterruptAreReplaced() throws Exception {
        start(exchange -> {
            if (isToHang(exchange)) {
                awaitWhateverHappens();
            }
        });

        expectAllDelivered();

        assertThat(status().timedOut()).isEqualTo(CONCURRENCY);
    }

    private void awaitWhateverHappens() {
        boolean waiting = true;
        while (waiting) {
            try {
                over.await();
                waiting = false;
            } catch (InterruptedException e) {
                waiting = true;
            }
        }
    }

    /** Camel itself does not get over such an error: the exchange never ends. */
    @Test
    void failuresThatCannotBeReadEndAtTheDeadline() throws Exception {
        start(exchange -> {
            if (isToHang(exchange)) {
                throw new Unreadable();
            }
        });

        expectAllDelivered();
        assertThat(outcomes.of(new Unreadable())).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void aDeliveredChangeStaysDeliveredWhateverIsInItsStatusHeader() throws Exception {
        start(exchange -> exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, "no number"));

        expectAllDelivered();
    }

    @Test
    void causesThatFormARingEnd() {
        Exception one = new Exception("one");
        one.initCause(new Exception("two", one));

        assertThat(outcomes.of(one)).isInstanceOf(Outcome.Failed.class);
    }

    /** A failure that fails. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("made to fail");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new NoClassDefFoundError("made to fail");
        }
    }
}
