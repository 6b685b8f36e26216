package dev.serai.cluster;

import dev.serai.http.EventLoops;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * A node's internal port and its calls to the others, on event loops of their own.
 *
 * <p>Threads: safe.
 */
public final class PeerNetwork implements Peers {
    private static final int LOOPS = 2;

    private final Vertx vertx;
    private final PeerPort port;
    private final PeerCalls calls;
    private final String host;

    private PeerNetwork(Vertx vertx, PeerPort port, PeerCalls calls, String host) {
        this.vertx = vertx;
        this.port = port;
        this.calls = calls;
        this.host = host;
    }

    /**
     * Opens the internal port.
     *
     * @param host where it listens, and where the other nodes reach it
     * @param port 0 for one that the system chooses
     * @param secret that of all nodes of the ledger
     * @param completions completes the futures of calls
     * @throws IOException if the port cannot be opened
     */
    public static PeerNetwork open(String host, int port, String secret, Executor completions) throws IOException {
        Vertx vertx = Vertx.vertx(EventLoops.options().setEventLoopPoolSize(LOOPS));
        try {
            PeerPort opened = PeerPort.open(vertx, host, port, secret);
            return new PeerNetwork(vertx, opened, new PeerCalls(vertx, secret, completions), host);
        } catch (IOException e) {
            vertx.close();
            throw e;
        }
    }

    /** Where other nodes reach this one. */
    public String address() {
        return host + ":" + port.port();
    }

    @Override
    public void serve(ShardCalls own) {
        port.serve(own);
    }

    @Override
    public ShardCalls at(ClusterNode node) {
        return calls.at(node);
    }

    @Override
    public void close() {
        calls.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
