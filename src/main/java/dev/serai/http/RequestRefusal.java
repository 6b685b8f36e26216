package dev.serai.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;

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

    /**
     * Sends the answer. If the request is not complete, drops the rest of it and closes the connection; of an HTTP/2 connection
     * only the request's own stream.
     */
    public static void close(HttpServerRequest request, HttpAnswer answer) {
        request.handler(null).exceptionHandler(failure -> {});
        if (request.isEnded()) {
            answer.send(request.response());
            return;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            request.resume();
            answer.send(request.response()).onComplete(sent -> cutOff(request));
            return;
        }
        request.response().putHeader("Connection", "close");
        answer.send(request.response());
        request.endHandler(end -> request.connection().close());
        request.resume();
        Vertx.currentContext().owner().setTimer(LINGER_MILLIS, late -> request.connection()
                .close());
    }

    /** Answers a request that cannot be read, such as one whose address is too long, and closes its connection. */
    public static void unreadable(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Problem problem = cause instanceof TooLongHttpLineException
                ? Problem.of(414, "the address is too long")
                : cause instanceof TooLongHttpHeaderException
                        ? Problem.of(431, "the headers are too long")
                        : Problem.of(400, "the request cannot be read");
        request.response().putHeader("Connection", "close");
        problem.answer().send(request.response());
    }

    /** Ends an answer that is not read: at once, where Vert.x would first wait until all of it is. */
    public static void abort(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(Http2Error.CANCEL.code());
        } else {
            ((HttpServerConnection) request.connection())
                    .channelHandlerContext()
                    .close();
        }
    }

    /** Reads no more of a request that is not complete: closes its connection, or of an HTTP/2 connection its stream. */
    public static void cutOff(HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(Http2Error.NO_ERROR.code());
        } else {
            request.connection().close();
        }
    }
}
