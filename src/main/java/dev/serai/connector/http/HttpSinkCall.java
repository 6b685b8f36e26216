package dev.serai.connector.http;

import dev.serai.connector.http.answer.HttpSinkAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientConnection;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, on the event loop of its sink.
 *
 * <p>Promise: it ends once, with the answer or with the reason why there is none. Of an answer whose head came, but whose body
 * breaks off, is too long or too late, the status counts. A connection on which a request was
 * given up is closed. Another of the host's addresses is tried only if there was no connection. A request is sent twice only if
 * a connection that was kept from an earlier request ends before an answer begins: most likely the target had closed it before
 * the request came. The second goes over a new connection.
 *
 * <p>Threads: one, the event loop; {@link #answer} and {@link #giveUp} can be used by all.
 */
final class HttpSinkCall {
    private static final int STATUS_WITHOUT_BODY = 204;

    private final HttpSinkLoop loop;
    private final HttpSinkMessage message;
    private final long deadlineNanos;
    private final CompletableFuture<HttpSinkAnswer> answer = new CompletableFuture<>();
    private List<String> addresses = List.of();
    private int tried;
    private @Nullable InterimAnswerFilter filter;
    private boolean mayBeStale;
    private boolean again;
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;
    private @Nullable Buffer body;

    HttpSinkCall(HttpSinkLoop loop, HttpSinkMessage message, long deadlineNanos) {
        this.loop = loop;
        this.message = message;
        this.deadlineNanos = deadlineNanos;
    }

    /** Ends it: its answer is no longer wanted. */
    void giveUp() {
        loop.giveUp(this);
    }

    /** Ends on the event loop, with the answer, whatever its status, or with the reason why there is none. */
    CompletableFuture<HttpSinkAnswer> answer() {
        return answer;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    boolean isConnected() {
        return request != null;
    }

    /** @param addresses of the host, in the order in which they are tried */
    void start(List<String> addresses) {
        this.addresses = addresses;
        if (!answer.isDone()) { // it may have been too late by now
            connect();
        }
    }

    private void connect() {
        String address = addresses.get(tried);
        HttpSinkAddress server = loop.address();
        loop.client(again)
                .request(new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(server.port(), address))
                        .setHost(server.host())
                        .setPort(server.port())
                        .setSsl(server.isTls())
                        .setMethod(HttpMethod.valueOf(message.method()))
                        .setURI(loop.hasProxy() && !server.isTls() ? server.url(message.target()) : message.target()))
                .onComplete(connected -> {
                    if (connected.succeeded()) {
                        send(connected.result());
                    } else {
                        unconnected(connected.cause(), address);
                    }
                });
    }

    private void unconnected(Throwable cause, String address) {
        tried++;
        if (tried < addresses.size() && !answer.isDone()) {
            connect();
        } else {
            fail(loop.failures().unconnected(cause, address));
        }
    }

    private void send(HttpClientRequest connected) {
        connected.exceptionHandler(cause -> broken(connected, cause));
        if (answer.isDone()) {
            connected.reset(); // it was too late; the connection can be used
            return;
        }
        request = connected;
        filter = InterimAnswerFilter.of(connected.connection());
        mayBeStale = !again && filter.hasAnswered();
        connected.response().onComplete(head -> {
            if (head.succeeded()) {
                answering(connected, head.result());
            } else {
                broken(connected, head.cause());
            }
        });
        try {
            message.headers().forEach(connected.headers()::add);
        } catch (IllegalArgumentException e) { // a character that no header can hold
            fail(e);
            return;
        }
        if (message.body() == null) {
            connected.end();
        } else {
            connected.end(Buffer.buffer(message.body()));
        }
    }

    private void answering(HttpClientRequest asked, HttpClientResponse head) {
        response = head;
        head.exceptionHandler(cause -> broken(asked, cause))
                .handler(this::received)
                .endHandler(end -> complete(head));
    }

    private void received(Buffer part) {
        if (answer.isDone()) {
            return;
        }
        if ((body == null ? 0 : body.length()) + part.length() > loop.answerBytesMax()) {
            fail(loop.failures().tooLong(loop.answerBytesMax()));
        } else if (body == null) {
            body = part;
        } else {
            body.appendBuffer(part);
        }
    }

    private void complete(HttpClientResponse head) {
        if (!answer.isDone()) {
            loop.ended(this);
            byte[] bytes =
                    body != null ? body.getBytes() : head.statusCode() == STATUS_WITHOUT_BODY ? null : new byte[0];
            answer.complete(new HttpSinkAnswer(head.statusCode(), head.statusMessage(), head.headers(), bytes, null));
        }
    }

    private void broken(HttpClientRequest asked, Throwable cause) {
        if (answer.isDone() || asked != request) {
            return;
        }
        if (mayBeStale
                && filter != null
                && !filter.hasInterim()
                && response == null
                && HttpSinkFailure.isClosed(cause)) {
            again = true;
            request = null;
            connect();
        } else {
            fail(loop.failures().broken(cause, response != null));
        }
    }

    /** Ends it without a whole answer; when that is known, the request is not under way any more. */
    void fail(Exception reason) {
        if (answer.isDone()) {
            return;
        }
        HttpClientRequest sent = request;
        if (sent != null) {
            request = null; // how it breaks now is of no interest
            sent.reset();
            // Vert.x closes when all is written, which a target that reads nothing could put off for ever.
            ((HttpClientConnection) sent.connection()).channelHandlerContext().close();
        }
        loop.ended(this);
        body = null;
        HttpClientResponse head = response;
        if (head == null) {
            answer.completeExceptionally(reason);
        } else { // the status has said what became of the request
            answer.complete(new HttpSinkAnswer(
                    head.statusCode(),
                    head.statusMessage(),
                    head.headers(),
                    null,
                    String.valueOf(reason.getMessage())));
        }
    }
}
