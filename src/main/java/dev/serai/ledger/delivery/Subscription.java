package dev.serai.ledger.delivery;

import java.time.Duration;

/** A target's hold on its flow, from subscribing until it is closed. */
public interface Subscription {

    /** Begins to deliver, from where the target's position is. */
    void start();

    /** Stops delivering until resumed; what is on its way goes on. Lasts as long as this process. */
    void suspend();

    void resume();

    /**
     * Stops for good, waits for what is on its way and saves the position.
     *
     * @return whether everything came to rest in time; if not, what was on its way will be delivered again
     */
    boolean close(Duration timeout) throws InterruptedException;
}
