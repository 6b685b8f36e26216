package dev.serai.ledger.delivery;

import java.time.Duration;

/** A target's hold on its flow, from subscribing until it is closed. */
public interface Subscription {

    /** Begins to deliver, from where the target's position is. */
    void start();

    /** Pauses delivery until it is resumed or this process ends; deliveries in flight continue. */
    void suspend();

    void resume();

    /** Whether a change is under way, and no other node delivers it by now. Does not block. */
    boolean mayDeliver(long sequence);

    /**
     * Ends the subscription, waits for deliveries in flight and saves the position. An interrupt ends only the wait; the
     * thread is interrupted again at the end.
     *
     * @return whether all deliveries in flight ended in time; those that did not are repeated later
     */
    boolean close(Duration timeout);
}
