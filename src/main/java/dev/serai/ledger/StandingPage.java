package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardOrder;
import dev.serai.ledger.cluster.ShardOrder.Act;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Some deliveries of one target in one shard, in sequence order. */
record StandingPage(Shard shard, TargetName target, List<Standing> found) {

    /** Has the other node act that has the shard. */
    CompletableFuture<OrderResult> onOwner(Act act, @Nullable String reason) {
        try {
            return shard.owner()
                    .act(shard.number(), new ShardOrder(target.flow(), target.target(), act, sequences(found), reason));
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Changes that the target took. */
    static StandingPage delivered(Shard shard, TargetName target, List<Entry> entries) {
        Delivery delivered = new Delivery(target, DeliveryState.DELIVERED, 0, null, null, null, null);
        return new StandingPage(
                shard,
                target,
                entries.stream().map(entry -> new Standing(entry, delivered, 0)).toList());
    }

    /** As their dispatcher knows what waits. */
    List<DueChange> due() {
        return found.stream()
                .map(one -> new DueChange(
                        one.entry(), one.delivery().attempts(), one.delivery().dueAt(), one.keyHash(), false))
                .toList();
    }

    static List<Long> sequences(List<Standing> some) {
        return some.stream().map(one -> one.entry().sequence()).toList();
    }

    /** Those with these sequences. */
    List<Standing> only(List<Long> sequences) {
        Set<Long> wanted = Set.copyOf(sequences);
        return found.stream()
                .filter(one -> wanted.contains(one.entry().sequence()))
                .toList();
    }
}
