package dev.serai.connector.http;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Words the failures of requests that got no complete answer.
 *
 * <p>Threads: safe.
 */
final class HttpSinkFailure {
    static final int LINE_BYTES_MAX = 32_768;
    static final int HEADERS_BYTES_MAX = 65_536;

    private final String server;
    private final Duration timeout;

    /** @param server host and port */
    HttpSinkFailure(String server, Duration timeout) {
        this.server = server;
        this.timeout = timeout;
    }

    /** There was no connection, so nothing was sent. */
    IOException unconnected(Throwable failure, String address) {
        Throwable reason = known(failure);
        if (reason instanceof SSLException) {
            return new SSLException("no TLS connection to " + server + ": " + text(reason), reason);
        }
        return connectException(address + ": " + shortened(text(reason)), reason);
    }

    /** The host has no address, so nothing was sent. */
    IOException unresolved(Throwable failure) {
        return failure instanceof IOException io ? io : new IOException(failure);
    }

    IOException late(boolean connected) {
        return connected
                ? new IOException("no complete answer within " + timeout.toMillis() + " ms")
                : connectException("not within " + timeout.toMillis() + " ms", null);
    }

    private ConnectException connectException(String reason, @Nullable Throwable cause) {
        ConnectException e = new ConnectException("cannot connect to " + server + ", " + reason);
        e.initCause(cause);
        return e;
    }

    IOException tooLong(int bytesMax) {
        return new IOException("the answer is longer than " + bytesMax + " bytes");
    }

    /** @param answering whether the head of the answer has come */
    IOException broken(Throwable failure, boolean answering) {
        Throwable reason = known(failure);
        if (reason instanceof TooLongFrameException) {
            return new IOException(limit(text(reason)), reason);
        }
        if (reason instanceof HttpClosedException) {
            return new IOException(
                    answering
                            ? "the target closed the connection before its answer was complete"
                            : "the target closed the connection before it answered",
                    reason);
        }
        if (reason instanceof SSLException) {
            return new SSLException("no TLS connection to " + server + ": " + text(reason), reason);
        }
        return reason instanceof IOException io
                ? io
                : new IOException("the answer is not valid HTTP: " + text(reason), reason);
    }

    /** Whether the connection ended, as opposed to something wrong that came over it. */
    static boolean isClosed(Throwable failure) {
        return failure instanceof HttpClosedException
                || (failure instanceof IOException && !(failure instanceof SSLException));
    }

    private static String limit(String message) {
        return message.startsWith("the server")
                ? message
                : "the server passed a limit of this client: " + message + " (" + LINE_BYTES_MAX + " bytes a line, "
                        + HEADERS_BYTES_MAX + " bytes of headers or trailers)";
    }

    /** The failure with the reason: Netty and Vert.x wrap failures of TLS. */
    private static Throwable known(Throwable failure) {
        boolean wraps = failure instanceof SSLException
                || (failure instanceof DecoderException && !(failure instanceof TooLongFrameException));
        Throwable cause = failure.getCause();
        return wraps
                        && cause instanceof Exception
                        && (cause instanceof IOException || cause instanceof DecoderException)
                ? known(cause)
                : failure;
    }

    /** Netty repeats the address behind the reason. */
    private static String shortened(String message) {
        int address = message.indexOf(": ");
        return address < 0 ? message : message.substring(0, address);
    }

    private static String text(Throwable reason) {
        String message = reason.getMessage();
        return message == null ? reason.getClass().getSimpleName() : message;
    }
}
