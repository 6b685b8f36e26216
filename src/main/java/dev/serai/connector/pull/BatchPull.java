package dev.serai.connector.pull;

import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.LogText;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a Kamelet that reads a source in batches: {@code process} begins a run; for each batch come {@code read}, the
 * user's route and {@code accepted}; whatever fails goes to {@code failed}.
 *
 * <p>Promise: the cursor never passes a record that the user's route has not taken. A batch that the route refuses is handed
 * over again record by record, so that only the record at fault becomes a dead letter.
 *
 * <p>Threads: one run at a time, which the schedule sees to; stopping comes from any thread.
 */
public abstract class BatchPull extends ServiceSupport implements CamelContextAware, Processor, ShutdownPrepared {
    /** Exchange property: whether the run has another batch to read. */
    public static final String MORE = "SeraiPullMore";

    static final int RECORDS_MAX = 500;

    private static final Logger LOG = LoggerFactory.getLogger(BatchPull.class);
    private static final String RUN = "SeraiPullRun";
    private static final long SAVE_SECONDS_MAX = 30;

    private final PullFailures failures = new PullFailures();
    private final PullPause pause = new PullPause();
    private @Nullable CamelContext context;
    private @Nullable String name;
    private int recordsMax = RECORDS_MAX;

    /** One run: where it reads, and how it got on. */
    private static final class Run {
        final String name;
        final int stops;

        @Nullable String position;

        @Nullable Batch read;

        @Nullable String refusal;

        int limit;
        int failures;
        long waitMillis;

        Run(String name, int stops, @Nullable String position, int limit) {
            this.name = name;
            this.stops = stops;
            this.position = position;
            this.limit = limit;
        }
    }

    // ---- What a source does

    /** Where a run begins to read. */
    public abstract @Nullable String begin(@Nullable Cursor saved);

    /**
     * The batch at a position; null if there is nothing to read.
     *
     * @param position what {@link #begin} said, or the batch before
     * @param recordsMax how many records it may have
     */
    public abstract @Nullable Batch next(@Nullable String position, int recordsMax) throws Exception;

    /** Where to read again after the route failed: the batch may have been accepted before that. */
    public abstract @Nullable String again(@Nullable String position, @Nullable Cursor saved);

    /** The batch is accepted. */
    public void taken(Batch batch) {}

    // ---- The steps

    /** Begins a run. */
    @Override
    public void process(Exchange exchange) {
        exchange.setProperty(MORE, false);
        String cursorName = name(exchange);
        try {
            String position = begin(saved(exchange, cursorName));
            exchange.setProperty(RUN, new Run(cursorName, pause.stops(), position, recordsMax));
            exchange.setProperty(MORE, true);
        } catch (RuntimeException e) {
            LOG.warn("Pull {}: the run cannot begin: {}", LogText.of(cursorName), failures.reason(e));
        }
    }

    /** Makes the next batch the message, with the cursor to save together with it. */
    public void read(Exchange exchange) throws Exception {
        Run run = run(exchange);
        run.read = null;
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setBody(List.of());
        if (!pause.await(run.stops, run.waitMillis)) {
            return;
        }
        Batch batch = next(run.position, run.limit);
        if (batch != null && run.refusal != null && batch.records().size() == 1) {
            batch = batch.refused(run.refusal);
        }
        run.read = batch;
        if (batch != null) {
            message.setBody(batch.records());
            if (batch.cursor() != null) {
                message.setHeader(LedgerConstants.CURSOR_NAME, run.name);
                message.setHeader(LedgerConstants.CURSOR, batch.cursor());
            }
        }
    }

    /** The user's route has taken the batch. */
    public void accepted(Exchange exchange) throws Exception {
        Run run = run(exchange);
        Batch batch = run.read;
        if (batch == null) {
            exchange.setProperty(MORE, false);
            return;
        }
        save(exchange, run.name, batch.cursor());
        taken(batch);
        run.position = batch.position();
        run.limit = Math.min(recordsMax, run.limit * 2);
        run.refusal = null;
        run.failures = 0;
        run.waitMillis = 0;
        exchange.setProperty(MORE, !batch.isLast());
    }

    /** The ledger has saved the cursor already if the route hands on whole batches. */
    private static void save(Exchange exchange, String name, @Nullable String value) throws Exception {
        if (value == null) {
            return;
        }
        Cursor saved = saved(exchange, name);
        if (saved == null || !saved.value().equals(value)) {
            ledger(exchange).saveCursor(new Cursor(name, value, Instant.now())).get(SAVE_SECONDS_MAX, TimeUnit.SECONDS);
        }
    }

    /** Reads again what may be taken yet, else ends the run. */
    public void failed(Exchange exchange) {
        Run run = run(exchange);
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (pause.stops() != run.stops || failure instanceof InterruptedException) {
            exchange.setProperty(MORE, false);
            return;
        }
        Batch batch = run.read;
        if (batch != null && failure != null && canGoOn(run, batch, failure)) {
            try {
                String position = again(run.position, saved(exchange, run.name));
                if (!Objects.equals(position, run.position)) { // it was accepted before the route failed
                    run.refusal = null;
                }
                run.position = position;
                return;
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        LOG.warn("Pull {}: the run ends: {}", LogText.of(run.name), failures.reason(failure));
        exchange.setProperty(MORE, false);
    }

    private boolean canGoOn(Run run, Batch batch, Throwable failure) {
        run.waitMillis = 0;
        Long wait = failures.waitForLedger(failure, run.failures);
        if (wait != null) {
            run.waitMillis = wait;
            run.failures++;
            LOG.warn(
                    "Pull {}: tries again in {} ms: {}",
                    LogText.of(run.name),
                    run.waitMillis,
                    failures.reason(failure));
            return true;
        }
        if (batch.records().size() > 1) {
            run.limit = 1;
            return true;
        }
        boolean broken = batch.records().isEmpty() || batch.records().get(0) instanceof BrokenRecord;
        if (!broken && failures.isPermanent(failure)) {
            run.refusal = failures.reason(failure);
            return true;
        }
        return false;
    }

    /** Wakes a run that waits, and lets it end. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        pause.stop();
    }

    // ---- Wiring

    private static Run run(Exchange exchange) {
        return Objects.requireNonNull(exchange.getProperty(RUN, Run.class), "no run has begun");
    }

    private static Ledger ledger(Exchange exchange) {
        return exchange.getContext()
                .getComponent("ledger", LedgerComponent.class)
                .ledger();
    }

    private static @Nullable Cursor saved(Exchange exchange, String name) {
        return ledger(exchange).cursor(name).orElse(null);
    }

    private String name(Exchange exchange) {
        if (name == null) {
            name = PullName.of(exchange);
        }
        return name;
    }

    @Override
    public final @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    public final void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    /** @param name the name to keep the cursor under */
    public final void setName(@Nullable String name) {
        this.name = name == null || name.isBlank() ? null : name;
    }

    /** @param batchSize how many records go on together at most */
    public final void setBatchSize(int batchSize) {
        if (batchSize < 1 || batchSize > 10_000) {
            throw new IllegalArgumentException("batchSize is between 1 and 10000, not " + batchSize);
        }
        recordsMax = batchSize;
    }
}
