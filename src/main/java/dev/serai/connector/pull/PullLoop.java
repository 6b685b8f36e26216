package dev.serai.connector.pull;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.text.LogText;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link BatchPull} batch after batch, and decides what a failure means.
 *
 * <p>Threads: one run at a time; stopping is safe.
 */
final class PullLoop {
    private final BatchPull source;
    private final PullReport report;
    private final PullFailures failures = new PullFailures();
    private final PullPause pause = new PullPause();
    private @Nullable SavedCursor saved;
    private @Nullable BatchRun current;

    PullLoop(BatchPull source, PullReport report) {
        this.source = source;
        this.report = report;
    }

    /** Wakes a run that waits, and ends it. */
    void stop() {
        pause.stop();
    }

    /** See {@link BatchPull#incomplete}. */
    void incomplete(String reason) {
        if (current != null) {
            current.incomplete = current.incomplete == null ? reason : current.incomplete + "; " + reason;
        }
    }

    /**
     * One run.
     *
     * @param exchange the schedule's
     * @param name the name to keep the cursor under; null for the id of the user's route
     * @param recordsMax how many records a batch may have
     * @param stopsAtBroken whether a record that cannot be accepted ends the run instead of becoming a dead letter
     */
    void run(Exchange exchange, @Nullable String name, int recordsMax, boolean stopsAtBroken) throws Exception {
        try (RouteSender sender = RouteSender.of(exchange)) {
            String cursorName = name == null ? sender.routeId() : name;
            saved = new SavedCursor(exchange.getContext(), cursorName);
            if (!saved().isHere()) {
                report.elsewhere();
                return;
            }
            report.begun(cursorName, name != null, exchange);
            BatchRun run = new BatchRun(
                    sender, ByteBudget.of(exchange.getContext()), pause.stops(), recordsMax, stopsAtBroken);
            current = run;
            String other = SourceRegistry.of(exchange.getContext()).otherOf(cursorName, sender.routeId());
            if (other != null) {
                report.failed("", shared(cursorName, other));
            } else if (begin(run)) {
                read(run);
            }
        } catch (RuntimeException | Error e) {
            report.failed("the run ends: ", e);
            throw e;
        } finally {
            current = null;
            report.stopped();
        }
    }

    private static PullException shared(String name, String other) {
        return new PullException("the route " + other + " has the name " + LogText.of(name)
                + " too, so both would move the same cursor: give one of them another name");
    }

    private boolean begin(BatchRun run) {
        try {
            run.position = source.begin(saved().begin());
            return true;
        } catch (PullException e) {
            report.failed("", e);
        } catch (RuntimeException e) {
            report.failed("the run cannot begin: ", e);
        }
        return false;
    }

    private void read(BatchRun run) {
        String where;
        try {
            boolean more = true;
            while (more) {
                more = step(run);
            }
            where = where();
        } finally {
            source.ended();
        }
        if (run.failure != null) {
            report.failed("the run ends" + where + ": ", run.failure);
        } else if (!run.isOvertaken && !run.isStopped(pause)) {
            report.ended(run.incomplete);
        }
    }

    /** Reads one batch and sends it; false if the run ends. */
    private boolean step(BatchRun run) {
        run.read = null;
        try {
            if (!pause.await(run.stops, run.waitMillis)
                    || !saved().isHere()
                    || !run.takeMemory(pause, source.batchBytesMax())) {
                return false;
            }
            Batch batch = source.next(run.position, run.limit);
            if (batch != null && run.refusal != null && batch.records().size() == 1) {
                batch = batch.refused(run.refusal);
            }
            run.read = batch;
            if (batch == null) {
                return false;
            }
            BrokenRecord broken = run.stopsAtBroken ? firstBroken(batch) : null;
            if (broken != null) {
                return stopAt(run, batch, broken);
            }
            String moved = saved().movedTo(batch.cursor());
            if (moved != null) {
                report.moved(moved);
                run.isOvertaken = true;
                return false;
            }
            accepted(run, batch);
            return !batch.isLast();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            return !run.isStopped(pause) && failed(run, e);
        } finally {
            run.giveMemoryBack();
        }
    }

    private static @Nullable BrokenRecord firstBroken(Batch batch) {
        for (Object record : batch.records()) {
            if (record instanceof BrokenRecord broken) {
                return broken;
            }
        }
        return null;
    }

    /** Takes those before it one by one, and ends the run at it. */
    private boolean stopAt(BatchRun run, Batch batch, BrokenRecord broken) {
        if (batch.records().size() > 1 && source.canSplit()) {
            run.limit = 1;
            readAgain(run);
            return true;
        }
        run.failure = new PullException(
                "stopped at " + broken.place() + ", which cannot be accepted (onBroken: stop): " + broken.reason());
        return false;
    }

    private void accepted(BatchRun run, Batch batch) throws Exception {
        boolean mayBeNew = false;
        if (!batch.records().isEmpty()) {
            RouteSender.Taken taken = run.send(batch, saved().name());
            mayBeNew = taken.mayBeNew();
            report.taken(taken);
        }
        saved().save(batch.cursor());
        source.taken(batch, mayBeNew);
        run.goOn(batch.position());
        run.limit = Math.min(run.recordsMax, run.limit * 2);
    }

    // ---- After a failure

    /** Reads the batch again or skips it; returns false if the run ends. */
    private boolean failed(BatchRun run, Exception failure) {
        Batch batch = run.read;
        boolean alone = batch != null && batch.records().size() == 1 && source.canSplit();
        Long wait = batch == null
                ? source.waitForSource(failure, run.failures)
                : failures.waitForRoute(failure, run.failures, alone);
        run.waitMillis = wait == null ? 0 : wait;
        if (wait != null) {
            run.failures++;
            boolean isOfRecord = batch != null && !failures.takesNothing(failure);
            if (!isOfRecord) { // a record that fails to the end is a dead letter, and the source is well
                report.attemptFailed(failure, where(), wait);
            }
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
        String without = source.leaveOut(last);
        if (without != null) {
            run.goOn(without);
            return !without.isEmpty();
        }
        run.failure = last;
        return false;
    }

    private String where() {
        String place = source.place();
        return place.isEmpty() ? "" : " at " + place;
    }

    private void readAgain(BatchRun run) {
        if (run.read == null) {
            return;
        }
        String position = source.again(run.position, saved().read());
        if (!Objects.equals(position, run.position)) { // it was accepted before the route failed
            run.refusal = null;
        }
        run.position = position;
    }

    /** Whether reading fewer records, or giving up the only one, may help. */
    private boolean split(BatchRun run, Batch batch, Exception failure) {
        if (!source.canSplit()) {
            return false;
        }
        if (batch.records().size() > 1) {
            run.limit = 1;
            return true;
        }
        boolean broken = batch.records().isEmpty() || batch.records().get(0) instanceof BrokenRecord;
        if (!broken && !run.stopsAtBroken && (failures.isPermanent(failure) || failures.mayBeOfRecord(failure))) {
            run.refusal = failures.reason(failure);
            return true;
        }
        return false;
    }

    private SavedCursor saved() {
        return Objects.requireNonNull(saved, "no run has begun");
    }
}
