package dev.serai.cluster;

import dev.serai.cluster.ChangeLink.OpenCall;
import dev.serai.ledger.cluster.ClusterNode;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The links to other nodes: one from each event loop that takes changes, on that event loop, so that no thread waits for or wakes
 * another one; and one for all other threads. A node of a version without links gets changes over HTTP/2.
 *
 * <p>Threads: safe.
 */
final class ChangeLinks {
    /** So long a node without links is not asked again; it may have been upgraded since. */
    private static final Duration ASKED_AGAIN = Duration.ofSeconds(30);

    private final VertxInternal vertx;
    private final HttpClient client;
    private final String authorization;
    private final Duration connectMax;
    private final EventLoop own;
    private final Map<LinkPlace, ChangeLink> links = new ConcurrentHashMap<>();
    private final Map<String, Long> askedNanos = new ConcurrentHashMap<>();

    private record LinkPlace(String address, EventLoop loop) {}

    ChangeLinks(Vertx vertx, String authorization, Duration connectMax) {
        this.vertx = (VertxInternal) vertx;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_1_1).setConnectTimeout((int)
                        connectMax.toMillis()));
        this.authorization = authorization;
        this.connectMax = connectMax;
        this.own = this.vertx.getEventLoopGroup().next();
    }

    /** @param from the event loop of the caller; null, or anything else, for another thread */
    <T> CompletableFuture<T> pass(ClusterNode node, @Nullable Executor from, OpenCall<T> call) {
        send(node, from instanceof NioEventLoop loop ? loop : own, call);
        return call.answer();
    }

    private void send(ClusterNode node, EventLoop loop, OpenCall<?> call) {
        if (loop.inEventLoop()) {
            sendHere(node, loop, call);
            return;
        }
        try {
            loop.execute(() -> sendHere(node, loop, call));
        } catch (RejectedExecutionException e) {
            call.answer().completeExceptionally(PeerFailure.noAnswer(node, e));
        }
    }

    /** A link that is not open yet is looked for first, since changes may wait in it that came before. */
    private void sendHere(ClusterNode node, EventLoop loop, OpenCall<?> call) {
        LinkPlace place = new LinkPlace(node.address(), loop);
        ChangeLink link = links.get(place);
        if (link == null && hadNone(node)) {
            call.sendOtherWay();
            return;
        }
        if (link == null) {
            link = open(node, loop);
            links.put(place, link);
        }
        link.send(call);
    }

    private ChangeLink open(ClusterNode node, EventLoop loop) {
        ChangeLink link = new ChangeLink(node, loop, this);
        RequestOptions to = PeerCalls.to(node)
                .setMethod(HttpMethod.GET)
                .setURI(PeerPort.LINK)
                .setConnectTimeout(connectMax.toMillis())
                .putHeader("Connection", "Upgrade")
                .putHeader("Upgrade", ChangeFrames.PROTOCOL)
                .putHeader("Authorization", authorization);
        ContextInternal context = vertx.createEventLoopContext(loop, null, ChangeLinks.class.getClassLoader());
        context.runOnContext(none -> {
            try {
                client.request(to)
                        .compose(request ->
                                request.exceptionHandler(ChangeLinks::ignore).connect())
                        .onComplete(answer -> link.answered(answer.result(), answer.cause()));
            } catch (RuntimeException e) { // this node is stopping
                link.close(e);
            }
        });
        return link;
    }

    /** The link itself is told how its connection ended. */
    static void ignore(Throwable failure) {}

    /** The node does not know of links. */
    void hasNone(ClusterNode node, EventLoop loop, ChangeLink link) {
        askedNanos.put(node.address(), System.nanoTime());
        remove(node, loop, link);
    }

    private boolean hadNone(ClusterNode node) {
        Long asked = askedNanos.get(node.address());
        if (asked != null && System.nanoTime() - asked > ASKED_AGAIN.toNanos()) {
            askedNanos.remove(node.address(), asked);
            return false;
        }
        return asked != null;
    }

    void remove(ClusterNode node, EventLoop loop, ChangeLink link) {
        links.remove(new LinkPlace(node.address(), loop), link);
    }

    /** Ends all calls under way. */
    void close() {
        for (ChangeLink link : links.values()) {
            if (!link.loop().isShuttingDown()) { // else its connections end with the event loop
                link.loop().execute(() -> link.close(new IOException("this node is stopping")));
            }
        }
    }
}
