package dev.serai.connector.pull;

import dev.serai.text.LogText;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A source that is read in batches: each {@code process} is one run, which reads batch after batch and sends each to the
 * route that uses the Kamelet.
 *
 * <p>Promise: the cursor never passes a record that the route has not taken. A batch that the route refuses is sent again
 * record by record, so that only the record at fault becomes a dead letter. How the runs ended is in status;
 * the log has a line when that changes.
 *
 * <p>Threads: one run at a time, which the schedule ensures; it holds the schedule's thread. Stopping is safe.
 */
public abstract class BatchPull extends ServiceSupport
        implements CamelContextAware, RouteAware, Processor, ShutdownPrepared, BatchSource {
    static final int RECORDS_MAX = 500;

    private final PullReport report = new PullReport(LoggerFactory.getLogger(getClass()), kind());
    private final PullLoop loop = new PullLoop(this, report);
    private @Nullable CamelContext context;
    private @Nullable Route route;
    private @Nullable String name;
    private @Nullable String incompleteReason;
    private int recordsMax = RECORDS_MAX;
    private boolean stopsAtBroken;

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

    /** The word for such sources in status. */
    protected String kind() {
        return "pull";
    }

    /** Where the run reads now, for a log line; empty if there is nothing to add. */
    protected String place() {
        return "";
    }

    /** The name of the cursor, for a log line. */
    protected final String name() {
        return report.name();
    }

    // ---- What a source reports

    /** Something of this run is not read although no error ends it, so the run does not count as good. */
    protected final void incomplete(String reason) {
        incompleteReason = reason;
        loop.incomplete(reason);
    }

    /** Why that which was read is not all there is, although no error ended it; null if it is, for whoever reads without a route. */
    public final @Nullable String incompleteReason() {
        return incompleteReason;
    }

    /**
     * Something that stays wrong until somebody mends it, whichever way the runs end.
     *
     * @param what which problem it is
     * @param text null if it is over
     * @return whether it is a problem and this is news, so that the log has to say so
     */
    protected final boolean problem(String what, @Nullable String text) {
        return report.problem(what, text);
    }

    /** Tells of a saved cursor that is dated later than now; null if it is not. */
    protected final void cursorAhead(@Nullable String saved) {
        report.cursorAhead(saved);
    }

    /**
     * What the run has seen.
     *
     * @param skipped what it had to leave out
     */
    protected final void seen(PullCursor cursor, int skipped) {
        report.seen(cursor, skipped);
    }

    // ---- Wiring

    @Override
    public void process(Exchange exchange) throws Exception {
        loop.run(exchange, name, recordsMax, stopsAtBroken);
    }

    /** Wakes a run that waits, and ends it. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        loop.stop();
    }

    @Override
    public final void setRoute(@Nullable Route route) {
        this.route = route;
        if (route != null) {
            report.of(route, name);
        }
    }

    @Override
    public final @Nullable Route getRoute() {
        return route;
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

    /** @param onBroken deadLetter, or stop to end each run at a record that cannot be read or accepted */
    public final void setOnBroken(String onBroken) {
        stopsAtBroken = isStop(onBroken);
    }

    /** Whether the option {@code onBroken} is stop; throws {@link IllegalArgumentException} if it is nothing known. */
    public static boolean isStop(String onBroken) {
        if (!onBroken.equals("stop") && !onBroken.equals("deadLetter")) {
            throw new IllegalArgumentException("onBroken must be deadLetter or stop, not " + LogText.of(onBroken));
        }
        return onBroken.equals("stop");
    }
}
