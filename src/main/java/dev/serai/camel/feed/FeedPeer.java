package dev.serai.camel.feed;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.NodeTalk;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls about a feed to one other node.
 *
 * <p>Threads: safe.
 */
final class FeedPeer {
    private static final Logger LOG = LoggerFactory.getLogger(FeedPeer.class);
    /** A node that does not answer holds a reader up for so long, and once. */
    private static final long PATIENCE_MILLIS = 1_000;

    private final ClusterNode node;
    private final NodeTalk talk;
    private final ScheduledExecutorService scheduler;
    /** Whether a call waits there for changes. */
    private final AtomicBoolean waits = new AtomicBoolean();
    /** Calls that are not answered yet and that nobody waits for any more. */
    private final AtomicInteger late = new AtomicInteger();

    private enum CallState {
        OPEN,
        LATE,
        ANSWERED
    }

    FeedPeer(ClusterNode node, NodeTalk talk, ScheduledExecutorService scheduler) {
        this.node = node;
        this.talk = talk;
        this.scheduler = scheduler;
    }

    boolean isAt(String id) {
        return node.id().equals(id);
    }

    /** Whether no call waits there; from now on one does. */
    boolean begins() {
        return waits.compareAndSet(false, true);
    }

    void ended() {
        waits.set(false);
    }

    CompletableFuture<FeedAnswer> call(FeedCall call) {
        return talk.call(node, call).whenComplete((answer, failure) -> {
            if (failure != null) {
                LOG.debug("Node {} did not answer {} of feed {}", node.name(), call.step(), call.feed(), failure);
            }
        });
    }

    /** Calls, and does nothing if it fails: a lease then ends at its time. */
    void tell(FeedCall call) {
        var unused = call(call);
    }

    /**
     * Asks for what waits there now.
     *
     * @param found gets the answer, also a late one
     * @param goOn called once, when the node has answered or failed, or is not waited for
     */
    void ask(FeedCall call, Consumer<FeedAnswer> found, Runnable goOn) {
        if (late.get() > 0) {
            goOn.run();
            return;
        }
        AtomicReference<CallState> state = new AtomicReference<>(CallState.OPEN);
        Future<?> patience = scheduler.schedule(
                () -> {
                    if (state.compareAndSet(CallState.OPEN, CallState.LATE)) {
                        late.incrementAndGet();
                        goOn.run();
                    }
                },
                PATIENCE_MILLIS,
                TimeUnit.MILLISECONDS);
        call(call).whenComplete((answer, failure) -> {
            patience.cancel(false);
            if (answer != null) {
                found.accept(answer);
            }
            if (state.getAndSet(CallState.ANSWERED) == CallState.LATE) {
                late.decrementAndGet();
            } else {
                goOn.run();
            }
        });
    }
}
