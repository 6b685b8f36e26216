package dev.serai.camel.ingress;

import dev.serai.camel.http.RequestRefusal;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * One incoming request: collects the raw bytes of its body within the limits, and sends its answer.
 *
 * <p>Threads: all but {@link #answerOnItsLoop} runs on the request's event loop; the body is safe to read once taken.
 */
final class IncomingRequest {

    /** The buffer for a body before any of it has arrived: a large Content-Length alone must not cost memory. */
    private static final int FIRST_BYTES_MAX = 16 * 1024;

    private static final byte[] EMPTY = new byte[0];

    private enum Phase {
        READING,
        ENTERED,
        ANSWERED
    }

    private final IngressConsumer consumer;
    private final HttpServerRequest request;
    private final Context loop;
    private final EventLoop eventLoop;
    private final long timer;
    private Phase phase = Phase.READING;
    private byte[] body;
    private int size;

    IncomingRequest(IngressConsumer consumer, HttpServerRequest request, int declared) {
        this.consumer = consumer;
        this.request = request;
        this.loop = Vertx.currentContext();
        this.eventLoop = ((ContextInternal) loop).nettyEventLoop();
        this.body = declared == 0 ? EMPTY : new byte[Math.min(declared, FIRST_BYTES_MAX)];
        this.timer = loop.owner().setTimer(consumer.bodyTimeoutMillis(), late -> refuse(consumer.tooSlow()));
    }

    HttpServerRequest request() {
        return request;
    }

    /** The whole body, exactly as it came. */
    byte[] body() {
        return body;
    }

    void read() {
        request.handler(this::append).endHandler(this::complete).exceptionHandler(this::broken);
    }

    private void append(Buffer part) {
        int length = part.length();
        if (length > consumer.bodyBytesMax() - size) {
            refuse(consumer.tooLarge());
        } else if (!consumer.admission().hold(length)) {
            refuse(consumer.busy());
        } else {
            if (length > body.length - size) {
                body = Arrays.copyOf(body, Math.max(size + length, (int) Math.min(2L * size, consumer.bodyBytesMax())));
            }
            part.getBytes(0, length, body, size);
            size += length;
        }
    }

    private void complete(Void end) {
        loop.owner().cancelTimer(timer);
        if (body.length != size) {
            body = Arrays.copyOf(body, size);
        }
        consumer.take(this);
    }

    private void broken(Throwable failure) {
        if (phase == Phase.READING) {
            boolean misframed = failure instanceof DecoderException || failure instanceof IllegalArgumentException;
            if (misframed) {
                refuse(consumer.unreadable());
                // Vert.x is about to drop the connection; closing it here sends the answer first.
                request.connection().close();
            } else {
                settle();
            }
        }
    }

    private void refuse(Problem problem) {
        if (phase == Phase.READING) {
            settle();
            RequestRefusal.close(request, problem);
        }
    }

    void entered() {
        phase = Phase.ENTERED;
    }

    /** Runs tasks where the request came; the same for all requests of one loop. */
    Executor eventLoop() {
        return eventLoop;
    }

    void answerOnItsLoop(HttpAnswer answer) {
        if (eventLoop.inEventLoop()) {
            answer(answer);
        } else {
            loop.runOnContext(back -> answer(answer));
        }
    }

    void answer(HttpAnswer answer) {
        try {
            answer.send(request.response());
        } finally {
            settle();
        }
    }

    /** Releases the resources of the request, once. */
    private void settle() {
        Phase before = phase;
        phase = Phase.ANSWERED;
        if (before == Phase.READING) {
            loop.owner().cancelTimer(timer);
        }
        if (before != Phase.ANSWERED) {
            consumer.admission().back(size);
        }
        if (before == Phase.ENTERED) {
            consumer.left();
        }
    }
}
