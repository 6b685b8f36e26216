package dev.serai.ledger;

import java.util.function.Consumer;

/** The receiving end: brings one change to the outside and says what came of it. */
@FunctionalInterface
public interface Target {

    /**
     * Delivers a change. Returns at once; the work happens on other threads.
     *
     * @param attempt counted from 1
     * @param done to be called exactly once, from any thread
     */
    void deliver(Entry entry, int attempt, Consumer<Outcome> done);
}
