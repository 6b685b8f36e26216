package dev.serai.cluster;

import dev.serai.cluster.ChangeFrames.PassedChange;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.model.LedgerException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.impl.HttpClientConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection over which the changes that one event loop takes are passed on to another node, in their order, without waiting for
 * answers. Each change has an answer of its own. Until the connection is open, changes wait for it.
 *
 * <p>Threads: one, the event loop.
 */
final class ChangeLink {
    /** Changes without an answer; further ones are refused. */
    private static final int OPEN_CALLS_MAX = 10_000;

    private static final long OPEN_BYTES_MAX = 64 << 20;
    private static final long LOOK_MILLIS = 250;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int SWITCHED = 101;
    private static final int UNAUTHORIZED = 401;

    private final ClusterNode node;
    private final EventLoop loop;
    private final ChangeLinks links;
    private final Map<Long, OpenCall<?>> open = new LinkedHashMap<>();
    private @Nullable FrameSocket socket;
    private long lastNumber;
    private long openBytes;
    private long heardNanos;
    private boolean looksForLateCalls;
    private boolean closed;

    /**
     * A change on its way, and where its answer goes.
     *
     * @param otherWay sends it over HTTP/2, for a node that has no links
     * @param completes completes the answer
     * @param answerMax how long the answer may take
     */
    record OpenCall<T>(
            PassedChange passed,
            Class<T> type,
            Supplier<CompletableFuture<T>> otherWay,
            Executor completes,
            Duration answerMax,
            long sentNanos,
            CompletableFuture<T> answer) {
        OpenCall(
                PassedChange passed,
                Class<T> type,
                Supplier<CompletableFuture<T>> otherWay,
                Executor completes,
                Duration answerMax) {
            this(passed, type, otherWay, completes, answerMax, System.nanoTime(), new CompletableFuture<>());
        }

        long bytes() {
            return passed.change().memoryBytes();
        }

        boolean isLate(long now) {
            return now - sentNanos > answerMax.toNanos();
        }

        void sendOtherWay() {
            otherWay.get().whenComplete((answered, failure) -> {
                if (failure == null) {
                    answer.complete(answered);
                } else {
                    answer.completeExceptionally(failure.getCause() == null ? failure : failure.getCause());
                }
            });
        }

        void complete(EventLoop here, Object got) {
            T answered = got instanceof PeerFailure ? null : type.cast(got);
            run(here, () -> {
                if (got instanceof PeerFailure refusal) {
                    answer.completeExceptionally(refusal.toException());
                } else {
                    answer.complete(answered);
                }
            });
        }

        void fail(EventLoop here, LedgerException failure) {
            run(here, () -> answer.completeExceptionally(failure));
        }

        private void run(EventLoop here, Runnable completion) {
            if (completes == here) {
                completion.run();
            } else {
                completes.execute(completion);
            }
        }
    }

    ChangeLink(ClusterNode node, EventLoop loop, ChangeLinks links) {
        this.node = node;
        this.loop = loop;
        this.links = links;
    }

    /** Passes a change on. */
    void send(OpenCall<?> call) {
        long bytes = call.bytes();
        if (!open.isEmpty() && (open.size() >= OPEN_CALLS_MAX || openBytes + bytes > OPEN_BYTES_MAX)) {
            call.fail(
                    loop,
                    new LedgerException.Overloaded(
                            "changes arrive faster than node " + node.name()
                                    + " can make them durable; send this one again later",
                            SOON));
            return;
        }
        long number = ++lastNumber;
        open.put(number, call);
        openBytes += bytes;
        if (socket != null) {
            socket.write(frame -> ChangeFrames.writeCall(frame, number, call.passed()));
        }
        lookForLateCalls();
    }

    /** The other node answered the question for a link. */
    void answered(@Nullable HttpClientResponse response, @Nullable Throwable failure) {
        if (failure != null || response == null) {
            close(failure == null ? new IOException("no answer") : failure);
        } else if (response.statusCode() == SWITCHED) {
            response.exceptionHandler(ChangeLinks::ignore);
            opened(new FrameSocket(
                    ((HttpClientConnection) response.request().connection()).channel(),
                    this::read,
                    () -> close(new IOException("the connection was closed"))));
        } else if (response.statusCode() == UNAUTHORIZED) {
            close(new IOException(PeerFailure.OTHER_SECRET));
        } else {
            closed = true;
            links.hasNone(node, loop, this);
            takeOpen().forEach(OpenCall::sendOtherWay);
        }
    }

    private void opened(FrameSocket upgraded) {
        if (closed) {
            upgraded.close();
            return;
        }
        socket = upgraded;
        heardNanos = System.nanoTime();
        open.forEach((number, call) -> upgraded.write(frame -> ChangeFrames.writeCall(frame, number, call.passed())));
    }

    private void read(ByteBuf frame) {
        heardNanos = System.nanoTime();
        OpenCall<?> call = open.remove(frame.readLong());
        if (call == null) { // it was given up
            return;
        }
        openBytes -= call.bytes();
        try {
            call.complete(loop, ChangeFrames.readAnswer(frame));
        } catch (IOException | RuntimeException e) {
            call.fail(loop, PeerFailure.noAnswer(node, e));
        }
    }

    private void lookForLateCalls() {
        if (!looksForLateCalls) {
            looksForLateCalls = true;
            loop.schedule(this::failLateCalls, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** After a late call that was followed by no word of the node, the connection is given up. */
    private void failLateCalls() {
        looksForLateCalls = false;
        long now = System.nanoTime();
        boolean isSilent = false;
        List<OpenCall<?>> late = new ArrayList<>();
        for (Iterator<OpenCall<?>> calls = open.values().iterator(); calls.hasNext(); ) {
            OpenCall<?> call = calls.next();
            if (call.isLate(now)) {
                calls.remove();
                openBytes -= call.bytes();
                late.add(call);
                isSilent |= socket == null || heardNanos - call.sentNanos() < 0;
            }
        }
        for (OpenCall<?> call : late) {
            call.fail(
                    loop,
                    PeerFailure.noAnswer(
                            node,
                            new IOException(
                                    "no answer within " + call.answerMax().toSeconds() + " s")));
        }
        if (isSilent) {
            close(new IOException("nothing was heard of it"));
        }
        if (!open.isEmpty()) {
            lookForLateCalls();
        }
    }

    /** Ends the connection; what became of the calls under way is unknown. */
    void close(Throwable reason) {
        if (closed) {
            return;
        }
        closed = true;
        links.remove(node, loop, this);
        if (socket != null) {
            socket.close();
        }
        takeOpen().forEach(call -> call.fail(loop, PeerFailure.noAnswer(node, reason)));
    }

    private List<OpenCall<?>> takeOpen() {
        List<OpenCall<?>> taken = new ArrayList<>(open.values());
        open.clear();
        openBytes = 0;
        return taken;
    }

    EventLoop loop() {
        return loop;
    }
}
