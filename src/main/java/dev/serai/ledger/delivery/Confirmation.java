package dev.serai.ledger.delivery;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Receipt;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of waiting for the deliveries of a change.
 *
 * @param state {@code DELIVERED} if all awaited targets have the change, {@code FILTERED} if the routes of all kept it back,
 *     {@code SUPERSEDED} if it was replaced for some,
 *     {@code DEAD} if it became a dead letter of one, {@code PENDING} if the timeout ended first: delivery continues
 * @param replies by target, of those that returned one
 * @param error why it became a dead letter, with the target's name
 */
public record Confirmation(
        Receipt receipt,
        DeliveryState state,
        Map<String, Reply> replies,
        @Nullable String error) {}
