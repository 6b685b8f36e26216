package dev.serai.node.report;

import dev.serai.admin.StatusJson;
import dev.serai.admin.StatusJson.BillsJson;
import dev.serai.admin.StatusJson.ReconciliationJson;
import dev.serai.admin.StatusJson.RefusedFileJson;
import dev.serai.admin.StatusJson.SourceJson;
import dev.serai.admin.StatusJson.TargetStateJson;
import dev.serai.admin.StatusJson.UnreadJson;
import dev.serai.task.RepeatedTask;
import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs once a minute what needs an operator, the worst first, from what {@code GET /api/status} answers; nothing while there
 * is nothing, and one line when all is well again.
 *
 * <p>What is paused or slow, and a source that has not run yet, are no reason for a line.
 *
 * <p>Threads: safe.
 */
final class StatusReminder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReminder.class);
    private static final long PAUSE_MILLIS = 60_000;
    private static final int NAMES_MAX = 5;
    private static final int NAME_MAX = 80;
    private static final int REASON_MAX = 120;
    /** The ledger is before all of them. */
    private static final List<String> WORST_FIRST = List.of(
            "not writable",
            "not read",
            "down",
            "stopped",
            "failing",
            "silent",
            "differs",
            "not loaded",
            "not accepted",
            "not matching",
            "blocked");

    private final Supplier<StatusJson> status;
    private final Clock clock;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "serai-reminder");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Instant troubleSince;

    /** @param state one of {@link #WORST_FIRST} */
    private record BadState(
            String name,
            String state,
            @Nullable String since,
            @Nullable String reason) {
        String text(Instant now) {
            String text = LogText.line(name, NAME_MAX) + " " + state;
            if (since != null) {
                text += " for " + DurationText.between(Instant.parse(since), now);
            }
            return reason == null || reason.isEmpty() ? text : text + " (" + LogText.line(reason, REASON_MAX) + ")";
        }
    }

    StatusReminder(Supplier<StatusJson> status, Clock clock) {
        this.status = status;
        this.clock = clock;
    }

    void start() {
        new RepeatedTask("The reminder of what needs an operator", this::remind)
                .start(scheduler, PAUSE_MILLIS, PAUSE_MILLIS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }

    /** Logs a line, if one is due. */
    synchronized void remind() {
        StatusJson now;
        try {
            now = status.get();
        } catch (RuntimeException e) {
            LOG.warn("The status cannot be read, so it is not known whether all is ok: {}", e.toString());
            return;
        }
        Instant time = clock.instant();
        List<BadState> troubles = troubles(now);
        if (!troubles.isEmpty()) {
            troubleSince = earliest(troubles, troubleSince == null ? time : troubleSince);
            LOG.warn("{}", line(troubles, time));
        } else if (troubleSince != null) {
            String after = DurationText.between(troubleSince, time);
            troubleSince = null;
            if (now.ok()) {
                LOG.info("all ok again after {}", after);
            } else {
                LOG.info(
                        "nothing is down, failing, blocked or stopped any more after {}; ./serai status has the rest",
                        after);
            }
        }
    }

    private static Instant earliest(List<BadState> troubles, Instant known) {
        return troubles.stream()
                .map(BadState::since)
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .reduce(known, (a, b) -> a.isBefore(b) ? a : b);
    }

    private static String line(List<BadState> troubles, Instant now) {
        int more = troubles.size() - NAMES_MAX;
        return (troubles.size() == 1 ? "1 thing needs you: " : troubles.size() + " things need you: ")
                + troubles.stream()
                        .limit(NAMES_MAX)
                        .map(trouble -> trouble.text(now))
                        .collect(Collectors.joining("; "))
                + (more > 0 ? "; and " + more + " more" : "");
    }

    private static List<BadState> troubles(StatusJson status) {
        List<BadState> troubles = new ArrayList<>();
        if (!status.ledger().writable()) {
            troubles.add(
                    new BadState("ledger", "not writable", null, status.ledger().trouble()));
        }
        for (UnreadJson unread : status.ledger().unread()) {
            String shards = "shards " + unread.first() + " to " + unread.last();
            troubles.add(new BadState(shards, "not read", unread.since(), unread.reason()));
        }
        for (TargetStateJson target : status.targets()) {
            troubles.add(new BadState(
                    target.flow() + "/" + target.target(), target.state(), target.since(), target.reason()));
        }
        for (SourceJson source : status.sources()) {
            troubles.add(new BadState("source " + source.name(), source.state(), source.since(), source.reason()));
        }
        for (BillsJson bills : status.bills()) {
            if (bills.trouble() != null) {
                troubles.add(new BadState("bills " + bills.name(), "not matching", null, bills.trouble()));
            }
        }
        for (RefusedFileJson file : status.routes().refused()) {
            troubles.add(new BadState(file.file(), "not loaded", file.since(), file.reason()));
        }
        for (ReconciliationJson one : status.reconciliations()) {
            troubles.add(new BadState("reconciliation " + one.name(), one.state(), one.since(), one.reason()));
        }
        if (status.tokens().trouble() != null) {
            troubles.add(new BadState(
                    "a named token", "not accepted", null, status.tokens().trouble()));
        }
        troubles.removeIf(trouble -> !WORST_FIRST.contains(trouble.state));
        troubles.sort(Comparator.comparing(trouble -> WORST_FIRST.indexOf(trouble.state)));
        return troubles;
    }
}
