package dev.serai.connector.http.token;

import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The access token of an app: fetched when it is first needed, shared by all of the app's flows, kept in the ledger, and renewed
 * before it ends or after it was refused. A platform may end the token before with each new one, so that nobody else may fetch
 * one.
 *
 * <p>Camel's own support cannot be used: it keeps a token per address, and so per key of a flow, fetches one for each of many
 * concurrent requests, and keeps using a token that the server refuses.
 *
 * <p>Threads: safe; those who come while a token is being fetched wait for it.
 */
final class TokenOwner {
    private static final Duration MARGIN_MAX = Duration.ofSeconds(30);
    private static final long VALID_SECONDS_MAX = Duration.ofDays(365).toSeconds();

    /** A token that was refused before this age is renewed later and later: the target may refuse all of them. */
    private static final Duration YOUNG = Duration.ofMinutes(5);

    /** So many are renewed at once all the same. */
    private static final int REFUSALS_AT_ONCE = 3;

    private static final Duration PAUSE_MIN = Duration.ofSeconds(5);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(10);

    private final TimeSource time;
    /** Null if it is not kept. */
    private final @Nullable TokenStore store;

    private final @Nullable String firstRefreshToken;
    private @Nullable CompletableFuture<AccessToken> latest;
    private @Nullable AccessToken refused;
    private long fetchedMillis;
    /** How many tokens in a row were refused while they were young. */
    private int refusals;

    private boolean isLoaded;
    private @Nullable String refreshToken;

    TokenOwner(TimeSource time, @Nullable TokenStore store, @Nullable String refreshToken) {
        this.time = time;
        this.store = store;
        this.firstRefreshToken = refreshToken;
        this.isLoaded = store == null;
    }

    /**
     * A token that can be used. One that was refused is returned again until it is time for the next.
     *
     * @throws AccessTokenException if none can be had
     */
    AccessToken token(TokenRequest request) throws AccessTokenException {
        CompletableFuture<AccessToken> own = null;
        CompletableFuture<AccessToken> awaited;
        synchronized (this) {
            if (latest == null || isSpent(latest)) {
                own = new CompletableFuture<>();
                latest = own;
            }
            awaited = latest;
        }
        if (own != null) {
            fetchInto(own, request);
        }
        try {
            return awaited.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AccessTokenException("interrupted while an access token was fetched", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new AccessTokenException(cause == null ? "unknown" : String.valueOf(cause.getMessage()), cause);
        }
    }

    /**
     * A server refused this token. Of many refusals of one token the first counts.
     *
     * @return whether {@link #token} gives another one now
     */
    synchronized boolean refused(AccessToken token) {
        CompletableFuture<AccessToken> now = latest;
        if (now == null || !now.isDone() || now.isCompletedExceptionally() || now.join() != token) {
            return true;
        }
        if (refused != token) {
            refused = token;
            boolean isYoung = time.monotonicMillis() - fetchedMillis < YOUNG.toMillis();
            refusals = isYoung ? refusals + 1 : 0;
        }
        return isSpent(now);
    }

    private boolean isSpent(CompletableFuture<AccessToken> awaited) {
        if (!awaited.isDone()) {
            return false;
        }
        if (awaited.isCompletedExceptionally()) {
            return true;
        }
        AccessToken token = awaited.join();
        long now = time.monotonicMillis();
        return now >= token.usableUntilMillis() || (token == refused && now - fetchedMillis >= pauseMillis());
    }

    /** From the time of the last fetch, until the next one that a refusal asks for. */
    private long pauseMillis() {
        return refusals < REFUSALS_AT_ONCE
                ? 0
                : Math.min(PAUSE_MIN.toMillis() << Math.min(refusals - REFUSALS_AT_ONCE, 10), PAUSE_MAX.toMillis());
    }

    private void fetchInto(CompletableFuture<AccessToken> token, TokenRequest request) {
        try {
            AccessToken kept = kept();
            token.complete(kept == null ? fetched(request) : kept);
        } catch (AccessTokenException | RuntimeException e) {
            token.completeExceptionally(e);
        } finally { // after an error, too, those that wait must not wait for ever
            token.completeExceptionally(new AccessTokenException("fetching an access token ended unexpectedly", null));
        }
    }

    /** The one in the ledger, the first time. */
    private @Nullable AccessToken kept() {
        TokenStore.Kept kept = isLoaded || store == null ? null : store.load();
        isLoaded = true;
        if (kept == null) {
            return null;
        }
        refreshToken = kept.refreshToken();
        long now = time.monotonicMillis();
        Instant until = kept.until();
        synchronized (this) {
            fetchedMillis = now - YOUNG.toMillis(); // so that a refusal counts
        }
        if (until == null) {
            return new AccessToken(kept.value(), Long.MAX_VALUE);
        }
        long left = Math.min(Duration.between(time.instant(), until).toSeconds(), kept.seconds());
        long usableUntil = now + left * 1_000 - marginMillis(kept.seconds());
        return usableUntil <= now ? null : new AccessToken(kept.value(), usableUntil);
    }

    private AccessToken fetched(TokenRequest request) throws AccessTokenException {
        long asked = time.monotonicMillis();
        Instant askedAt = time.instant();
        TokenAnswer answer = request.send(refreshToken == null ? firstRefreshToken : refreshToken);
        if (answer.refreshToken() != null) {
            refreshToken = answer.refreshToken();
        }
        synchronized (this) {
            refused = null;
            fetchedMillis = asked;
        }
        long seconds = Math.min(answer.seconds(), VALID_SECONDS_MAX);
        if (store != null) {
            Instant until = seconds <= 0 ? null : askedAt.plusSeconds(seconds);
            store.save(new TokenStore.Kept(answer.value(), until, seconds, refreshToken));
        }
        long usableUntil = seconds <= 0 ? Long.MAX_VALUE : asked + seconds * 1_000 - marginMillis(seconds);
        return new AccessToken(answer.value(), usableUntil);
    }

    /** It is renewed a little before it ends. */
    private static long marginMillis(long seconds) {
        return Math.min(seconds * 100, MARGIN_MAX.toMillis());
    }
}
