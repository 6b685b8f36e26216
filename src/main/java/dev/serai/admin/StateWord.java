package dev.serai.admin;

import dev.serai.ledger.model.DeliveryState;
import java.util.Locale;

/** The word that operators read for a delivery's state: the same in the API, the metrics and the command line. */
final class StateWord {
    private StateWord() {}

    static String of(DeliveryState state) {
        return switch (state) {
            case WAITING -> "retrying";
            case PARKED -> "blocked";
            default -> state.name().toLowerCase(Locale.ROOT);
        };
    }
}
