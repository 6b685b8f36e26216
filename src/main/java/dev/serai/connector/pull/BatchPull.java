package dev.serai.connector.pull;

import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.LogText;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that is read in batches: each {@code process} is one run, which reads batch after batch and sends each to the
 * route that uses the Kamelet.
 *
 * <p>Promise: the cursor never passes a record that the route has not taken. A batch that the route refuses is sent again
 * record by record, so that only the record at fault becomes a dead letter.
 *
 * <p>Threads: one run at a time, which the schedule ensures; it holds the schedule's thread. Stopping is safe.
 */
public abstract class BatchPull extends ServiceSupport
        implements CamelContextAware, Processor, ShutdownPrepared, BatchSource {
    static final int RECORDS_MAX = 500;

    private static final long SAVE_SECONDS_MAX = 30;

    private final Logger log = LoggerFactory.getLogger(getClass());
    private final PullFailures failures = new PullFailures();
    private final PullPause pause = new PullPause();
    private @Nullable CamelContext context;
    private @Nullable String name;
    private String cursorName = "";
    private int recordsMax = RECORDS_MAX;

    // ---- What a source does besides BatchSource

    /** How much memory a batch takes; 0 if that is bounded otherwise. A batch is read once the byte budget has so much left. */
    protected long batchBytesMax() {
        return 0;
    }

    /** The run has ended. */
    protected void ended() {}

    /** Whether a batch can be read again record by record. */
    protected boolean canSplit() {
        return true;
    }

    /**
     * The wait in milliseconds before {@link #next} is tried again; null if that would not help.
     *
     * @param tries how often the same batch has failed before
     */
    protected @Nullable Long waitForSource(Throwable failure, int tries) {
        return null;
    }

    /** Where to go on without the batch that failed; empty to end the run; null if the failure ends it with a warning. */
    protected @Nullable String leaveOut(Throwable failure) {
        return null;
    }

    /** Where the run reads now, for a log line; empty if there is nothing to add. */
    protected String place() {
        return "";
    }

    /** The name of the cursor, for a log line. */
    protected final String name() {
        return LogText.of(cursorName);
    }

    // ---- The run

    @Override
    public void process(Exchange exchange) throws Exception {
        Route user = UsingRoute.of(exchange);
        cursorName = name == null ? user.getRouteId() : name;
        try (ProducerTemplate template = exchange.getContext().createProducerTemplate()) {
            BatchRun run = new BatchRun(
                    user.getEndpoint(), template, ByteBudget.of(exchange.getContext()), pause.stops(), recordsMax);
            if (begin(run)) {
                try {
                    boolean more = true;
                    while (more) {
                        more = step(run);
                    }
                } finally {
                    ended();
                }
            }
        }
    }

    private boolean begin(BatchRun run) {
        try {
            run.position = begin(saved());
            return true;
        } catch (PullException e) {
            log.warn("Pull {}: {}", name(), e.getMessage());
        } catch (RuntimeException e) {
            log.warn("Pull {}: the run cannot begin: {}", name(), failures.reason(e));
        }
        return false;
    }

    /** Reads one batch and sends it; false if the run ends. */
    private boolean step(BatchRun run) {
        run.read = null;
        try {
            if (!pause.await(run.stops, run.waitMillis) || !run.takeMemory(pause, batchBytesMax())) {
                return false;
            }
            Batch batch = next(run.position, run.limit);
            if (batch != null && run.refusal != null && batch.records().size() == 1) {
                batch = batch.refused(run.refusal);
            }
            run.read = batch;
            if (batch == null) {
                return false;
            }
            boolean mayBeNew = !batch.records().isEmpty() && run.send(batch, cursorName);
            accepted(run, batch, mayBeNew);
            return !batch.isLast();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            return pause.stops() == run.stops && failed(run, e);
        } finally {
            run.giveMemoryBack();
        }
    }

    private void accepted(BatchRun run, Batch batch, boolean mayBeNew) throws Exception {
        save(batch.cursor());
        taken(batch, mayBeNew);
        run.goOn(batch.position());
        run.limit = Math.min(recordsMax, run.limit * 2);
    }

    /** The ledger has saved the cursor already if the route sends it whole batches. */
    private void save(@Nullable String value) throws Exception {
        if (value == null) {
            return;
        }
        Cursor saved = saved();
        if (saved == null || !saved.value().equals(value)) {
            ledger().saveCursor(new Cursor(cursorName, value, Instant.now())).get(SAVE_SECONDS_MAX, TimeUnit.SECONDS);
        }
    }

    // ---- After a failure

    /** Reads the batch again or skips it; returns false if the run ends. */
    private boolean failed(BatchRun run, Exception failure) {
        Batch batch = run.read;
        boolean alone = batch != null && batch.records().size() == 1 && canSplit();
        Long wait = batch == null
                ? waitForSource(failure, run.failures)
                : failures.waitForRoute(failure, run.failures, alone);
        run.waitMillis = wait == null ? 0 : wait;
        if (wait != null) {
            run.failures++;
            log.warn(
                    "Pull {}: the attempt{} failed, tries again in {} ms: {}",
                    name(),
                    where(),
                    wait,
                    failures.reason(failure));
        }
        Exception last = failure;
        if (wait != null || (batch != null && split(run, batch, failure))) {
            try {
                readAgain(run);
                return true;
            } catch (RuntimeException e) {
                last = e;
            }
        }
        String without = leaveOut(last);
        if (without != null) {
            run.goOn(without);
            return !without.isEmpty();
        }
        log.warn("Pull {}: the run ends{}: {}", name(), where(), failures.reason(last));
        return false;
    }

    private String where() {
        String place = place();
        return place.isEmpty() ? "" : " at " + place;
    }

    private void readAgain(BatchRun run) {
        if (run.read == null) {
            return;
        }
        String position = again(run.position, saved());
        if (!Objects.equals(position, run.position)) { // it was accepted before the route failed
            run.refusal = null;
        }
        run.position = position;
    }

    /** Whether reading fewer records, or giving up the only one, may help. */
    private boolean split(BatchRun run, Batch batch, Exception failure) {
        if (!canSplit()) {
            return false;
        }
        if (batch.records().size() > 1) {
            run.limit = 1;
            return true;
        }
        boolean broken = batch.records().isEmpty() || batch.records().get(0) instanceof BrokenRecord;
        if (!broken && (failures.isPermanent(failure) || failures.mayBeOfRecord(failure))) {
            run.refusal = failures.reason(failure);
            return true;
        }
        return false;
    }

    /** Wakes a run that waits, and ends it. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        pause.stop();
    }

    // ---- Wiring

    private Ledger ledger() {
        return Objects.requireNonNull(context, "not started")
                .getComponent("ledger", LedgerComponent.class)
                .ledger();
    }

    private @Nullable Cursor saved() {
        return ledger().cursor(cursorName).orElse(null);
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

    /** @param batchSize how many records a batch may have */
    public final void setBatchSize(int batchSize) {
        if (batchSize < 1 || batchSize > 10_000) {
            throw new IllegalArgumentException("batchSize is between 1 and 10000, not " + batchSize);
        }
        recordsMax = batchSize;
    }
}
