package dev.serai.admin.console;

import dev.serai.http.Problem;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells whose session a request's cookie belongs to.
 *
 * <p>Threads: safe.
 */
public final class SessionAccess {
    private static final String COOKIE = "serai-session";
    private static final String ATTRIBUTES = "; HttpOnly; SameSite=Strict; Path=/";
    private static final Problem ENDED = Problem.of(
            401, "the session ended, because of its age, of a logout, of its token or of a restart: log in again");

    private final ConsoleSessions sessions;
    private final RequestOrigin origin;

    /** @param hasTls whether the admin port has TLS */
    public SessionAccess(ConsoleSessions sessions, AllowedHosts hosts, boolean hasTls) {
        this.sessions = sessions;
        this.origin = new RequestOrigin(hosts, hasTls);
    }

    ConsoleSessions sessions() {
        return sessions;
    }

    RequestOrigin origin() {
        return origin;
    }

    /** Whether a request counts by its cookie; one with a token counts by that alone. */
    public boolean isUsedBy(HttpServerRequest request) {
        return !request.headers().contains(HttpHeaders.AUTHORIZATION)
                && !ids(request).isEmpty();
    }

    /** The session of a request with a cookie, which is thereby used; null if it is refused. */
    public @Nullable ConsoleSession session(HttpServerRequest request) {
        return origin.fault(request) == null ? ofCookie(request) : null;
    }

    /** Whether a session goes on; asking does not use it. */
    public boolean goesOn(ConsoleSession session) {
        return sessions.goesOn(session);
    }

    /** What is wrong with a request that has no {@link #session}. */
    public Problem fault(HttpServerRequest request) {
        Problem fault = origin.fault(request);
        return fault == null ? ENDED : fault;
    }

    private @Nullable ConsoleSession ofCookie(HttpServerRequest request) {
        for (String id : ids(request)) {
            ConsoleSession session = sessions.use(id);
            if (session != null) {
                return session;
            }
        }
        return null;
    }

    /** Ends the sessions whose cookies a request has. */
    void end(HttpServerRequest request) {
        ids(request).forEach(sessions::end);
    }

    /** Several if another path or domain of this host has a cookie of the same name, of which Vert.x keeps one. */
    private static List<String> ids(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaders.COOKIE).stream()
                .flatMap(header -> ServerCookieDecoder.STRICT.decodeAll(header).stream())
                .filter(cookie -> cookie.name().equals(COOKIE))
                .map(Cookie::value)
                .toList();
    }

    /** The value of Set-Cookie that hands over a session's id. */
    String cookie(String id, HttpServerRequest request) {
        return COOKIE + "=" + id + ATTRIBUTES + "; Max-Age=" + ConsoleSessions.WHOLE_MAX.toSeconds()
                + (origin.isSecure(request) ? "; Secure" : "");
    }

    /** The value of Set-Cookie that takes it back. */
    String noCookie() {
        return COOKIE + "=" + ATTRIBUTES + "; Max-Age=0";
    }
}
