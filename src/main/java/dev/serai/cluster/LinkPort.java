package dev.serai.cluster;

import dev.serai.cluster.ChangeFrames.AwaitedDelivery;
import dev.serai.cluster.ChangeFrames.PassedChange;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Receipt;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of a link at the node that has the shards: accepts the changes in the order in which they come, and answers each when it is
 * done.
 *
 * <p>Threads: one, the connection's event loop.
 */
final class LinkPort {
    private final FrameSocket socket;
    private final Supplier<ShardCalls> own;
    private final EventLoop loop;

    /** @param own what this node does with its shards; fails while it does not do anything yet */
    LinkPort(Channel upgraded, Supplier<ShardCalls> own) {
        this.own = own;
        this.socket = new FrameSocket(upgraded, this::read, () -> {});
        this.loop = socket.loop();
    }

    private void read(ByteBuf frame) {
        long number = frame.readLong();
        accept(frame).whenComplete((done, failure) -> {
            if (loop.inEventLoop()) {
                answer(number, done, failure);
            } else {
                loop.execute(() -> answer(number, done, failure));
            }
        });
    }

    private CompletableFuture<?> accept(ByteBuf frame) {
        PassedChange passed;
        try {
            passed = ChangeFrames.readCall(frame);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(
                    new LedgerException.Invalid("not a change of this version: " + e.getMessage()));
        }
        try {
            AwaitedDelivery awaited = passed.awaited();
            return awaited == null
                    ? own.get().accept(passed.shard(), List.of(passed.change()), loop)
                    : own.get().acceptAndWait(passed.shard(), passed.change(), awaited.target(), awaited.timeout());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(long number, @Nullable Object done, @Nullable Throwable failure) {
        if (failure != null) {
            PeerFailure refusal = PeerFailure.of(failure);
            socket.write(frame -> ChangeFrames.writeRefusal(frame, number, refusal));
        } else if (done instanceof Confirmation confirmation) {
            socket.write(frame -> ChangeFrames.writeConfirmation(frame, number, confirmation));
        } else if (done instanceof List<?> receipts) {
            socket.write(frame -> ChangeFrames.writeReceipt(frame, number, (Receipt) receipts.get(0)));
        }
    }
}
