package dev.serai.admin;

import dev.serai.ledger.model.DeliveryState;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The word that operators read for a delivery's state: the same in the API, the metrics and the command line. */
final class StateWord {
    private StateWord() {}

    /** The states with these words; throws {@link AdminProblem} that names all if there is no such word. */
    static Set<DeliveryState> states(List<String> words) {
        Set<DeliveryState> states = EnumSet.noneOf(DeliveryState.class);
        for (String word : words) {
            states.add(Arrays.stream(DeliveryState.values())
                    .filter(state -> of(state).equals(word))
                    .findFirst()
                    .orElseThrow(() -> AdminProblem.badRequest("there is no state " + word + ": use "
                            + Arrays.stream(DeliveryState.values())
                                    .map(StateWord::of)
                                    .collect(Collectors.joining(", ")))));
        }
        return states;
    }

    static String of(DeliveryState state) {
        return switch (state) {
            case WAITING -> "retrying";
            case PARKED -> "blocked";
            default -> state.name().toLowerCase(Locale.ROOT);
        };
    }
}
