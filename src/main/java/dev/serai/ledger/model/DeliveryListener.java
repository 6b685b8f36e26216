package dev.serai.ledger.model;

import java.time.Duration;

/** Hears of every durable outcome, for meters. Must be quick; called on the writer's thread. */
@FunctionalInterface
public interface DeliveryListener {

    /**
     * @param state {@code DELIVERED}, {@code WAITING} for a failed attempt, or {@code DEAD}
     * @param sinceAccepted the time since the change was accepted
     */
    void settled(TargetName target, DeliveryState state, Duration sinceAccepted);
}
