package dev.serai.camel;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/** Answers a request whose body nobody will read. */
final class Refusal {

    /**
     * How long a peer may go on sending: closed at once, its unread bytes would make the kernel reset the connection, and
     * the peer might never see why.
     */
    private static final long LINGER_MILLIS = 2_000;

    private Refusal() {}

    static void close(HttpServerRequest request, Problem problem) {
        close(request, problem.answer());
    }

    /** Answers, and unless the whole request is here already, drops what still comes and closes the connection. */
    static void close(HttpServerRequest request, Answer answer) {
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
