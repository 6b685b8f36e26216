package dev.serai.ledger.stuck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StuckKeysTest {
    @Test
    void aKeyThatIsNotFreeYetStaysStuckThoughTheStoreHasNoRowOfItAnyMore() {
        StuckKeys keys = new StuckKeys(() -> 2);
        LongStream.rangeClosed(1, 100).forEach(keys::hold); // most of them are in the filter only
        keys.continuing(Set.of(70L));
        keys.startRelease(80);

        keys.scanned(keys.keys().startFilter()); // it read nothing

        assertThat(keys.contains(70)).isTrue();
        assertThat(keys.contains(80)).isTrue();
        assertThat(keys.contains(90)).isFalse();
    }
}
