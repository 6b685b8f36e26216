package dev.serai.reconcile.desk;

import dev.serai.ledger.model.LedgerException;
import dev.serai.reconcile.desk.ReconcileDesk.DeskOverview;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the node that keeps the books said last about all of them. It is asked again when that is older than a second; status, health and
 * metrics do not wait for it for long.
 *
 * <p>Threads: safe.
 */
final class DistantOverview {
    private static final Duration FRESH = Duration.ofSeconds(1);
    /** What was said this long ago is shown while there is no newer answer: books on their way to another node are no trouble. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    private static final Duration WAIT_MAX = Duration.ofMillis(500);

    private final InstantSource clock;
    private @Nullable DeskOverview last;
    private @Nullable Instant saidAt;
    private @Nullable CompletableFuture<DeskOverview> asked;
    private @Nullable Instant unknownSince;
    private String failure = "";

    DistantOverview(InstantSource clock) {
        this.clock = clock;
    }

    /** @param unknown what to show while nothing is known, by the reason and since when */
    DeskOverview overview(
            Supplier<CompletableFuture<DeskOverview>> ask, BiFunction<String, Instant, DeskOverview> unknown) {
        await(fresh(ask));
        synchronized (this) {
            DeskOverview known = last;
            Instant now = clock.instant();
            if (known != null && isWithin(SHORT, now)) {
                return known;
            }
            Instant since = unknownSince == null ? now : unknownSince;
            String why = failure.isEmpty() ? "the node that keeps the books has not answered yet" : failure;
            return unknown.apply("it is not known here: " + why, since);
        }
    }

    private synchronized @Nullable CompletableFuture<DeskOverview> fresh(
            Supplier<CompletableFuture<DeskOverview>> ask) {
        CompletableFuture<DeskOverview> now = asked;
        if (now != null || isWithin(FRESH, clock.instant())) {
            return now;
        }
        CompletableFuture<DeskOverview> begun;
        try {
            begun = ask.get();
        } catch (LedgerException e) {
            begun = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<DeskOverview> noted = begun.whenComplete(this::said);
        asked = noted.isDone() ? null : noted;
        return noted;
    }

    /** Whether the answer is that new; one that is dated later than now is from before the clock was set back. */
    private boolean isWithin(Duration max, Instant now) {
        Instant at = saidAt;
        return at != null && Duration.between(at, now).abs().compareTo(max) <= 0;
    }

    private synchronized void said(@Nullable DeskOverview answer, @Nullable Throwable failed) {
        asked = null;
        if (answer != null) {
            last = answer;
            saidAt = clock.instant();
            unknownSince = null;
            failure = "";
        } else if (failed != null) {
            Throwable cause =
                    failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
            unknownSince = unknownSince == null ? clock.instant() : unknownSince;
            failure = String.valueOf(cause.getMessage());
        }
    }

    private static void await(@Nullable CompletableFuture<DeskOverview> answer) {
        if (answer == null) {
            return;
        }
        try {
            answer.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // What is known is shown, or that nothing is.
        }
    }
}
