package dev.serai.admin.console;

import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.http.RequestSyntax;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the paths of the console: its files, and the {@link SessionApi}. The files have no data in them, so they need no token; every other path below
 * {@code /console/} is a page's address, which the scripts of {@code index.html} read.
 *
 * <p>Threads: one, the event loop.
 */
public final class ConsolePages {
    private static final Logger LOG = LoggerFactory.getLogger(ConsolePages.class);
    private static final String HOME = "/console";
    /** A browser asks each time whether the page is the same; the files that it names have addresses of their own. */
    private static final String ASK = "no-cache";

    private static final String KEEP = "public, max-age=31536000, immutable";
    private static final int UNREAD_MILLIS_MAX = 1000;
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin");

    private final Vertx vertx;
    private final AllowedHosts hosts;
    private final SessionApi sessions;
    /** Read when the first page is asked for; null before. */
    private @Nullable Future<ConsoleFiles> files;

    public ConsolePages(Vertx vertx, AllowedHosts hosts, SessionApi sessions) {
        this.vertx = vertx;
        this.hosts = hosts;
        this.sessions = sessions;
    }

    /** Whether the request is for the console; the path counts as it was sent. */
    public boolean serves(HttpServerRequest request) {
        @Nullable String path = request.path();
        return path != null
                && (path.equals(HOME) || path.startsWith(HOME + "/") || (path.equals("/") && isRead(request)));
    }

    private static boolean isRead(HttpServerRequest request) {
        return request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    }

    /** Answers a request that {@link #serves} is true for. */
    public void handle(HttpServerRequest request) {
        HEADERS.forEach(request.response()::putHeader);
        Problem fault = RequestSyntax.fault(request);
        if (fault == null) {
            fault = hosts.fault(request);
        }
        if (fault != null) {
            answer(request, fault.answer());
        } else if (request.path().equals(SessionApi.PATH)) {
            sessions.handle(request);
        } else if (!isRead(request)) {
            Problem problem = Problem.of(405, "pages of the console are read with GET");
            answer(request, problem.answer().with("Allow", "GET, HEAD"));
        } else if (request.path().equals("/")) {
            answer(request, new HttpAnswer(302, Map.of("Location", HOME + "/"), new byte[0]));
        } else {
            files().onSuccess(loaded -> answer(request, file(loaded, request)))
                    .onFailure(failure ->
                            answer(request, problem(500, "the console's files are missing: the log has the details")));
        }
    }

    private Future<ConsoleFiles> files() {
        Future<ConsoleFiles> loading = files;
        if (loading == null) {
            loading = vertx.executeBlocking(ConsoleFiles::load, false)
                    .onFailure(failure -> LOG.error("The console cannot be shown: {}", failure.toString()));
            files = loading;
        }
        return loading;
    }

    private static HttpAnswer file(ConsoleFiles loaded, HttpServerRequest request) {
        String path = request.path();
        if (!path.startsWith(ConsoleFiles.ASSETS)) {
            return Objects.requireNonNull(loaded.get(ConsoleFiles.INDEX)).answer(request, ASK);
        }
        String assets = ConsoleFiles.ASSETS + loaded.version() + "/";
        ConsoleFile file = path.startsWith(assets) ? loaded.get("assets/" + path.substring(assets.length())) : null;
        return file == null ? problem(404, "the console has no such file") : file.answer(request, KEEP);
    }

    private static HttpAnswer problem(int status, String detail) {
        return Problem.of(status, detail).answer();
    }

    /** What the peer still sends is not read for long. */
    private void answer(HttpServerRequest request, HttpAnswer answer) {
        HttpServerResponse response = request.response();
        answer.send(response);
        if (!request.isEnded()) {
            vertx.setTimer(UNREAD_MILLIS_MAX, late -> RequestRefusal.cutOff(request));
        }
    }
}
