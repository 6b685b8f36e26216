package dev.serai.ledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryStateTest {

    @ParameterizedTest
    @CsvSource({
        "PENDING, DELIVERING PARKED SUPERSEDED",
        "DELIVERING, PENDING DELIVERED FILTERED WAITING DEAD SUPERSEDED",
        "WAITING, DELIVERING PARKED SUPERSEDED DEAD",
        "PARKED, DELIVERING WAITING SUPERSEDED",
        "DEAD, PARKED DISCARDED",
        "DELIVERED, PARKED",
        "FILTERED, ''",
        "SUPERSEDED, ''",
        "DISCARDED, ''"
    })
    void onlyTheseMovesAreLegal(DeliveryState from, String legal) {
        for (DeliveryState to : DeliveryState.values()) {
            boolean isLegal = (" " + legal + " ").contains(" " + to + " ");
            assertThat(from.canBecome(to)).as("%s to %s", from, to).isEqualTo(isLegal);
        }
    }

    @ParameterizedTest
    @CsvSource({"DELIVERED", "DEAD", "SUPERSEDED", "DISCARDED"})
    void whatIsSettledStaysSoUnlessAnOperatorActs(DeliveryState settled) {
        assertThat(settled.isSettled()).isTrue();
    }
}
