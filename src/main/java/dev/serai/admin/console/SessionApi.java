package dev.serai.admin.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.access.AdminCaller;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.text.ExactJson;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Logs people in and out: {@code POST /console/session {"token":"…"}}, {@code GET} and {@code DELETE} of the same.
 *
 * <p>Threads: one, the event loop.
 */
public final class SessionApi {
    static final String PATH = "/console/session";

    private static final int BODY_BYTES_MAX = 4 * 1024;
    private static final int LATE_MILLIS = 1000;

    private final Vertx vertx;
    private final SessionAccess access;
    private final Function<String, Optional<AdminCaller>> tokens;
    private final TokenGuesses guesses;

    /**
     * A new one.
     *
     * @param tokens whose secret it is
     * @param guesses counts the wrong ones
     */
    public SessionApi(
            Vertx vertx, SessionAccess access, Function<String, Optional<AdminCaller>> tokens, TokenGuesses guesses) {
        this.vertx = vertx;
        this.access = access;
        this.tokens = tokens;
        this.guesses = guesses;
    }

    void handle(HttpServerRequest request) {
        HttpMethod method = request.method();
        @Nullable Problem fault = access.origin().fault(request);
        if (fault != null) {
            RequestRefusal.close(request, fault);
        } else if (method == HttpMethod.POST) {
            login(request);
        } else if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
            show(request);
        } else if (method == HttpMethod.DELETE) {
            access.end(request);
            new HttpAnswer(204, Map.of("Set-Cookie", access.noCookie()), new byte[0]).send(request.response());
        } else {
            Problem problem = Problem.of(405, "a session is begun with POST, shown with GET and ended with DELETE");
            RequestRefusal.close(request, problem.answer().with("Allow", "GET, HEAD, POST, DELETE"));
        }
    }

    private void show(HttpServerRequest request) {
        ConsoleSession session = access.session(request);
        if (session != null) {
            json(session).send(request.response());
        } else if (access.isUsedBy(request)) {
            access.fault(request).answer().send(request.response());
        } else {
            new HttpAnswer(204, Map.of(), new byte[0]).send(request.response()); // nobody is logged in
        }
    }

    private static HttpAnswer json(ConsoleSession session) {
        String json = ExactJson.MAPPER
                .createObjectNode()
                .put("name", session.caller().name())
                .put("role", session.caller().role().word())
                .put("expiresAt", session.endsAt().toString())
                .toString();
        return new HttpAnswer(200, Map.of("Content-Type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
    }

    private void login(HttpServerRequest request) {
        @Nullable String length = request.getHeader("Content-Length");
        if (length == null || length.length() > 9 || Integer.parseInt(length) > BODY_BYTES_MAX) {
            RequestRefusal.close(
                    request, Problem.of(413, "a login must be short and have a Content-Length: {\"token\": \"…\"}"));
            return;
        }
        request.body().onSuccess(body -> login(request, body)).onFailure(gone -> {});
    }

    private void login(HttpServerRequest request, Buffer body) {
        @Nullable String token = token(body.getBytes());
        if (token == null) {
            Problem.of(400, "a login is JSON such as {\"token\": \"…\"}")
                    .answer()
                    .send(request.response());
            return;
        }
        Optional<AdminCaller> caller = tokens.apply(token);
        if (caller.isEmpty()) {
            refuse(request);
            return;
        }
        access.end(request);
        ConsoleSessions.OpenedSession opened = access.sessions().open(caller.get(), token);
        json(opened.session())
                .with("Set-Cookie", access.cookie(opened.id(), request))
                .send(request.response());
    }

    private static @Nullable String token(byte[] body) {
        try {
            JsonNode json = ExactJson.STRICT.readTree(body);
            return json.isObject() && json.size() == 1 ? json.path("token").textValue() : null;
        } catch (IOException e) {
            return null;
        }
    }

    private void refuse(HttpServerRequest request) {
        if (guesses.isTooMany(String.valueOf(request.remoteAddress()))) {
            vertx.setTimer(LATE_MILLIS, late -> TokenGuesses.TOO_MANY.answer().send(request.response()));
            return;
        }
        Problem.of(
                        401,
                        "this is not a token of this node: use the one in serai.admin.tokenFile, or one that serai token add"
                                + " made")
                .answer()
                .send(request.response());
    }
}
