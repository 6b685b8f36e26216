package dev.serai.camel.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/** HttpAnswerWriter a request whose body nobody will read. */
public final class RequestRefusal {

    /**
     * How long a peer may go on sending: closed at once, its unread bytes would make the kernel reset the connection, and
     * the peer might never see why.
     */
    private static final long LINGER_MILLIS = 2_000;

    private RequestRefusal() {}

    public static void close(HttpServerRequest request, Problem problem) {
        close(request, problem.answer());
    }

    /** HttpAnswerWriter, and unless the whole request is here already, drops what still comes and closes the connection. */
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
