package dev.serai.admin;

import dev.serai.access.AdminCaller;
import dev.serai.access.NamedToken;
import dev.serai.access.NamedTokens;
import dev.serai.access.TokenRole;
import dev.serai.admin.console.ConsoleSession;
import dev.serai.admin.console.SessionAccess;
import dev.serai.admin.console.SessionApi;
import dev.serai.admin.console.TokenGuesses;
import dev.serai.admin.event.StreamEnd;
import dev.serai.http.BearerToken;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells who sends a request to the admin port, and refuses what nobody with a token sends.
 *
 * <p>Threads: one, the event loop.
 */
final class AdminAccess {
    private static final int REFUSED_MILLIS_MAX = 1000;

    private final Vertx vertx;
    private final AdminToken token;
    private final NamedTokens tokens;
    private final SessionAccess sessions;
    private final TokenGuesses guesses = new TokenGuesses();

    AdminAccess(Vertx vertx, AdminToken token, NamedTokens tokens, SessionAccess sessions) {
        this.vertx = vertx;
        this.token = token;
        this.tokens = tokens;
        this.sessions = sessions;
    }

    /** Logs in with the same tokens. */
    SessionApi sessionApi() {
        return new SessionApi(vertx, sessions, this::owner, guesses);
    }

    private Optional<AdminCaller> owner(String secret) {
        return token.is(secret) ? Optional.of(AdminCaller.ADMIN) : tokens.caller(secret);
    }

    @Nullable AdminCaller caller(HttpServerRequest request) {
        if (sessions.isUsedBy(request)) {
            @Nullable ConsoleSession session = sessions.session(request);
            return session == null ? null : session.caller();
        }
        @Nullable String secret = BearerToken.sent(request.headers().getAll(HttpHeaders.AUTHORIZATION));
        return secret == null ? null : owner(secret).orElse(null);
    }

    /** Tells of a request that was let in when its caller is one no more; a stream ends then. */
    StreamEnd end(HttpServerRequest request) {
        if (sessions.isUsedBy(request)) {
            @Nullable ConsoleSession session = sessions.session(request);
            return () -> session != null && sessions.goesOn(session) ? null : "the session ended: log in again";
        }
        String secret =
                Objects.requireNonNull(BearerToken.sent(request.headers().getAll(HttpHeaders.AUTHORIZATION)));
        @Nullable AdminCaller caller = caller(request);
        String hash = NamedToken.hashOf(secret);
        return () -> caller != null && tokens.has(caller, hash) ? null : "the token was removed";
    }

    /** What each guarded route goes through first: a new route needs the role operate unless it is a GET. */
    void authorize(RoutingContext ctx) {
        @Nullable AdminCaller caller = caller(ctx.request());
        TokenRole needed = TokenRole.neededFor(ctx.request().method().name());
        if (caller == null) {
            ctx.fail(new AdminProblem(401, "the token was removed, or the session ended"));
        } else if (!caller.role().includes(needed)) {
            ctx.fail(new AdminProblem(
                    403,
                    "this needs a token with the role " + needed.word() + ", and " + caller.name() + " has the role "
                            + caller.role().word() + ": serai token add makes one on the node's machine"));
        } else {
            ctx.put(AdminServer.CALLER, caller);
            ctx.next();
        }
    }

    /** A stranger may finish a small body and read the answer, but not go on sending. */
    void refuse(HttpServerRequest request) {
        if (request.headers().contains(HttpHeaders.AUTHORIZATION)
                && guesses.isTooMany(String.valueOf(request.remoteAddress()))) {
            vertx.setTimer(REFUSED_MILLIS_MAX, late -> RequestRefusal.close(request, TokenGuesses.TOO_MANY));
            return;
        }
        answer(request).send(request.response());
        vertx.setTimer(REFUSED_MILLIS_MAX, late -> RequestRefusal.cutOff(request));
    }

    private HttpAnswer answer(HttpServerRequest request) {
        if (sessions.isUsedBy(request)) {
            return sessions.fault(request).answer();
        }
        return Problem.of(
                        401,
                        BearerToken.isInQuery(request.uri())
                                ? BearerToken.NOT_IN_ADDRESS
                                : "send the admin token, or a named one, as \"Authorization: Bearer …\"; serai.admin.tokenFile says where"
                                        + " it is kept")
                .answer()
                .with("WWW-Authenticate", "Bearer realm=\"serai\"");
    }
}
