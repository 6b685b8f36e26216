package dev.serai.camel.ingress;

import dev.serai.camel.http.AdmissionShare;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One incoming request: collects the raw bytes of its body within the limits, and sends its answer.
 *
 * <p>Threads: all but {@link #answerOnItsLoop} and {@link #begin} runs on the request's event loop; the body is safe to read once taken.
 */
final class IncomingRequest {

    private static final int UNPACKED_BYTES_FIRST = 16 * 1024;
    private static final byte[] EMPTY = new byte[0];

    private enum Phase {
        READING,
        ENTERED,
        ANSWERED
    }

    private final IngressConsumer consumer;
    private final HttpServerRequest request;
    private final String client;
    private final Context loop;
    private final EventLoop eventLoop;
    private final long timer;
    private final AdmissionShare.Claim claim;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final boolean isPacked;
    private byte[] packed = EMPTY;
    private Phase phase = Phase.READING;
    private Runnable takeBack = () -> {};
    private byte[] body;
    private int size;

    /**
     * A request whose body is to be read.
     *
     * @param client the address of whose request it is
     * @param claim holds the declared bytes already
     * @param isPacked whether the body is compressed
     */
    IncomingRequest(
            IngressConsumer consumer,
            HttpServerRequest request,
            String client,
            AdmissionShare.Claim claim,
            int declared,
            boolean isPacked) {
        this.isPacked = isPacked;
        this.consumer = consumer;
        this.request = request;
        this.client = client;
        this.loop = Vertx.currentContext();
        this.eventLoop = ((ContextInternal) loop).nettyEventLoop();
        this.claim = claim;
        this.body = declared == 0 ? EMPTY : new byte[declared];
        this.timer = loop.owner().setTimer(consumer.bodyTimeoutMillis(), this::late);
    }

    HttpServerRequest request() {
        return request;
    }

    String client() {
        return client;
    }

    /** Whether the body came compressed. */
    boolean isPacked() {
        return isPacked;
    }

    /** The body as it came compressed; empty if it did not. */
    byte[] packed() {
        return packed;
    }

    /** Replaces the compressed body by what it holds; returns why it cannot. Runs on a worker. */
    @Nullable Problem unpack() {
        byte[] found = new byte[Math.min(consumer.bodyBytesMax(), UNPACKED_BYTES_FIRST)];
        int length = 0;
        if (!claim.hold(found.length)) {
            return consumer.refusal().busy();
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            for (int read = in.read(found); read >= 0; read = in.read(found, length, found.length - length)) {
                length += read;
                if (length == found.length) {
                    if (length == consumer.bodyBytesMax()) {
                        return in.read() < 0
                                ? unpacked(found)
                                : consumer.refusal().tooLarge();
                    }
                    int larger = (int) Math.min(2L * length, consumer.bodyBytesMax());
                    if (!claim.hold(larger - length)) {
                        return consumer.refusal().busy();
                    }
                    found = Arrays.copyOf(found, larger);
                }
            }
        } catch (IOException e) {
            return consumer.refusal().noGzip();
        }
        return unpacked(Arrays.copyOf(found, length));
    }

    private @Nullable Problem unpacked(byte[] content) {
        packed = body;
        body = content;
        return null;
    }

    /** The whole body, exactly as it came, or what it holds once it is unpacked. */
    byte[] body() {
        return body;
    }

    void read() {
        request.handler(this::append).endHandler(this::complete).exceptionHandler(this::broken);
    }

    private void append(Buffer part) {
        int length = part.length();
        if (length > consumer.bodyBytesMax() - size) {
            refuse(consumer.refusal().tooLarge());
        } else if (length > body.length - size && !grow(length)) {
            refuse(consumer.refusal().busy());
        } else {
            part.getBytes(0, length, body, size);
            size += length;
        }
    }

    private boolean grow(int length) {
        int needed = Math.max(size + length, (int) Math.min(2L * size, consumer.bodyBytesMax()));
        if (!claim.hold(needed - body.length)) {
            return false;
        }
        body = Arrays.copyOf(body, needed);
        return true;
    }

    private void complete(Void end) {
        if (body.length != size) {
            body = Arrays.copyOf(body, size);
        }
        consumer.take(this);
    }

    private void late(Long timer) {
        if (phase == Phase.READING) {
            refuse(consumer.refusal().tooSlow());
        } else if (begun.compareAndSet(false, true)) {
            takeBack.run();
            answer(consumer.refusal().busy().answer());
        }
    }

    private void broken(Throwable failure) {
        if (phase == Phase.READING) {
            boolean misframed = failure instanceof DecoderException || failure instanceof IllegalArgumentException;
            if (misframed) {
                refuse(consumer.refusal().unreadable());
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

    /** Whether there is room for one more request in progress. */
    boolean enter() {
        if (!claim.enter()) {
            return false;
        }
        phase = Phase.ENTERED;
        return true;
    }

    /** It waits for a thread. */
    void waits(Runnable takeBack) {
        this.takeBack = takeBack;
    }

    /** Whether its route may run: not if it has waited for a thread for too long and was refused. From any thread. */
    boolean begin() {
        loop.owner().cancelTimer(timer);
        return begun.compareAndSet(false, true);
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
        loop.owner().cancelTimer(timer);
        claim.close();
        if (before == Phase.ENTERED) {
            consumer.left();
        }
    }
}
