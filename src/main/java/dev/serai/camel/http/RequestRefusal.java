package dev.serai.camel.http;

import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/** Answers a request without reading its body. */
public final class RequestRefusal {

    /**
     * How long a refused peer may still send before its connection is closed. If it were closed at once, its unread bytes would make
     * the kernel reset the connection, and the peer might never see the answer.
     */
    public static final long LINGER_MILLIS = 2_000;

    private RequestRefusal() {}

    public static void close(HttpServerRequest request, Problem problem) {
        close(request, problem.answer());
    }

    /** Sends the answer. If the request is not complete, drops the rest of it and closes the connection. */
    public static void close(HttpServerRequest request, HttpAnswer answer) {
        request.handler(null).exceptionHandler(failure -> {});
        if (request.isEnded()) {
            answer.send(request.response());
            return;
        }
        request.response().putHeader("Connection", "close");
        answer.send(request.response());
        request.endHandler(end -> request.connection().close());
        request.resume();
        Vertx.currentContext().owner().setTimer(LINGER_MILLIS, late -> request.connection()
                .close());
    }
}
