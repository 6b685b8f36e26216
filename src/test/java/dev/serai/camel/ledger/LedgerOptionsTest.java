package dev.serai.camel.ledger;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.main.Main;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerOptionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"username", "password"})
    void anOptionThatTheLedgerDoesNotUseIsRefusedAtTheStart(String option) {
        Main main = new Main();
        main.bind("ledger", new LedgerComponent(url -> {
            throw new IllegalStateException("not opened");
        }));
        main.addInitialProperty("camel.component.ledger." + option, "hidden");

        try {
            assertThatThrownBy(main::start).hasStackTraceContaining("camel.component.ledger." + option);
        } finally {
            main.stop();
        }
    }
}
