package dev.serai.ledger.delivery;

import java.util.List;
import java.util.function.Consumer;

/** The receiving end of a flow: delivers changes and reports the outcome of each attempt. */
@FunctionalInterface
public interface Target {

    /**
     * Delivers one change, or a batch of changes with different keys. Returns at once; the work happens on other threads.
     *
     * @param done to be called exactly once, from any thread, with the outcome of all of them
     */
    void deliver(List<Sending> changes, Consumer<Outcome> done);

    /** Whether a delivery under way has to end in time. One that waits for a reader to fetch it may wait for ever. */
    default boolean hasDeadline(List<Sending> changes) {
        return true;
    }

    /**
     * A delivery under way is to end early, because others wait for its place. Its outcome comes when nothing of it is under way
     * any more.
     *
     * @return whether it ends; false if it cannot be ended, or not without harm to others
     */
    default boolean recall(List<Sending> changes) {
        return false;
    }

    /** A delivery had no outcome in time: frees what it still holds, as far as that is possible. Its outcome is ignored. */
    default void abandon(List<Sending> changes) {}

    /**
     * A part of the subscription stops, for example because its shard goes to another node: ends, as not sent, what waits for a reader
     * and {@link Subscription#mayDeliver may not be delivered} here any more.
     */
    default void endWaits() {}
}
