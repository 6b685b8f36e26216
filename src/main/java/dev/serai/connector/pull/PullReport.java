package dev.serai.connector.pull;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceStatus;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.LogText;
import java.util.Date;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Reports the outcomes of the runs of a pull: in its {@link SourceStatus}, and in a line of the log whenever that changes.
 *
 * <p>Threads: one thread at a time.
 */
final class PullReport {
    /** What Camel calls a route that has no id. */
    private static final Pattern NUMBERED = Pattern.compile("route\\d+");

    private final Logger log;
    private final SourceStatus status;
    private final PullFailures failures = new PullFailures();
    private final FutureRecords future = new FutureRecords();
    private String name = "";

    PullReport(Logger log, String kind) {
        this.log = log;
        this.status = new SourceStatus(kind, TimeSource.system());
    }

    /** @param givenName null for the id of the user's route */
    void of(Route route, @Nullable String givenName) {
        SourceRegistry.of(route.getCamelContext()).add(route, givenName, status, null);
    }

    /** The name of the pull, for log lines. */
    String name() {
        return LogText.of(name);
    }

    /**
     * A run begins.
     *
     * @param exchange that began it
     */
    void begun(String pull, boolean isGiven, Exchange exchange) {
        if (name.isEmpty() && !isGiven && NUMBERED.matcher(pull).matches()) {
            log.warn(
                    "Pull {}: its route has no id, so the cursor is saved under a number that changes with the order of the"
                            + " routes, and then it is that of another source: give the route the id {}, or the source a name",
                    LogText.of(pull),
                    LogText.of(pull));
        }
        name = pull;
        Date next = exchange.getMessage().getHeader("nextFireTime", Date.class);
        status.begun(next == null ? null : next.toInstant());
    }

    /** Another node runs it. */
    void elsewhere() {
        status.elsewhere();
    }

    void taken(RouteSender.Taken taken) {
        if (status.taken(taken.records(), taken.fresh(), taken.freshBroken(), taken.flow())) {
            log.info("Pull {}: a repeated attempt was accepted, and the run goes on", name());
        }
        if (taken.freshBroken() > 0) {
            log.warn("Pull {}: new dead letters of records that cannot be accepted: {}", name(), taken.freshBroken());
        }
    }

    /** @param where the run is; empty if there is nothing to add */
    void attemptFailed(Exception failure, String where, long waitMillis) {
        if (status.attemptFailed(failures.detail(failure))) {
            log.warn(
                    "Pull {}: the attempt{} failed, tries again in {} ms: {}",
                    name(),
                    where,
                    waitMillis,
                    failures.reason(failure));
        }
    }

    /** @param what has failed, before the reason */
    void failed(String what, Throwable failure) {
        if (status.failed(failures.detail(failure))) {
            log.warn("Pull {}: {}{}", name(), what, failures.reason(failure));
        }
    }

    /** No error ended the run. */
    void ended(@Nullable String incomplete) {
        if (incomplete != null) {
            if (status.failed(incomplete)) {
                log.warn("Pull {}: {}", name(), incomplete);
            }
        } else if (status.good()) {
            log.info("Pull {}: a run was good again", name());
        }
    }

    /** If nothing else ended the run, a stop did. */
    void stopped() {
        status.stopped();
    }

    /** An operator has set the cursor while a run was under way. */
    void moved(String cursor) {
        log.info(
                "Pull {}: the cursor was set to {} by an operator, so the run ends, and the next one begins there",
                name(),
                LogText.of(cursor));
    }

    boolean problem(String what, @Nullable String text) {
        return status.problem(what, text) && text != null;
    }

    void cursorAhead(@Nullable String saved) {
        String text = saved == null
                ? null
                : "the saved cursor " + LogText.of(saved)
                        + " is later than now, so what comes before it is not read; set it to an earlier value with the"
                        + " command cursors";
        if (problem("cursor", text)) {
            log.warn("Pull {}: {}", name(), text);
        }
    }

    void seen(PullCursor cursor, int skipped) {
        future.tell(name(), cursor);
        status.counted(skipped, cursor.ahead());
        status.newest(cursor.newestTime());
    }
}
