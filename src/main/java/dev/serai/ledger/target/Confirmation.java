package dev.serai.ledger.target;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Receipt;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a change's deliveries after waiting for them.
 *
 * @param state {@code DELIVERED} if all that were waited for have it, {@code SUPERSEDED} if it was not needed any more by
 *     some, {@code DEAD} if one gave it up, {@code PENDING} if the time was over before: it goes on
 * @param replies by target, of those that answered something
 * @param error why it was given up, naming the target
 */
public record Confirmation(
        Receipt receipt,
        DeliveryState state,
        Map<String, Reply> replies,
        @Nullable String error) {}
