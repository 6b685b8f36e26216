package dev.serai.ledger.stuck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HeldKeysTest {
    private final Random random = new Random(1);

    @Test
    void aSetOfNumbersAgreesWithTheOneOfJava() {
        LongSet set = new LongSet();
        Set<Long> expected = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            long number = random.nextInt(i < 100_000 ? 5_000 : 50);
            if (random.nextInt(5) < (i < 60_000 ? 3 : 2)) {
                set.add(number);
                expected.add(number);
            } else {
                set.remove(number);
                expected.remove(number);
            }
            assertThat(set.contains(number)).isEqualTo(expected.contains(number));
            assertThat(set.size()).isEqualTo(expected.size());
        }
        assertThat(LongStream.range(0, 5_000).allMatch(number -> set.contains(number) == expected.contains(number)))
                .isTrue();
    }

    @Test
    void keysBeyondTheLimitMayBeHeldAndFewOthers() {
        HeldKeys keys = new HeldKeys(() -> 10_000);
        long[] held = random.longs(50_000).toArray();
        LongStream.of(held).forEach(keys::add);

        assertThat(LongStream.of(held).allMatch(keys::contains)).isTrue();
        assertThat(LongStream.of(held).filter(keys::isSure)).hasSize(10_000);
        assertThat(random.longs(100_000).filter(keys::contains).count()).isLessThan(1_000);
    }

    @Test
    void keysWithoutAnOrderWhichAreSmallNumbersAreToldApartToo() {
        HeldKeys keys = new HeldKeys(() -> 10_000);
        LongStream.range(0, 50_000).forEach(keys::add);

        assertThat(LongStream.range(0, 50_000).allMatch(keys::contains)).isTrue();
        assertThat(LongStream.range(50_000, 150_000).filter(keys::contains).count())
                .isLessThan(1_000);
    }

    @Test
    void aNewFilterKnowsWhatIsStoredAndWhatWasAddedMeanwhile() {
        HeldKeys keys = new HeldKeys(() -> 2);
        LongStream.rangeClosed(1, 6).forEach(keys::add);
        assertThat(keys.isFilterOld()).isFalse();
        keys.remove(1);
        assertThat(keys.isFilterOld()).isTrue();

        KeyFilter stored = Objects.requireNonNull(keys.startFilter());
        stored.add(3);
        keys.add(7);
        keys.add(8);
        keys.endFilter(stored);
        assertThat(LongStream.rangeClosed(1, 8).filter(keys::contains)).containsExactly(2L, 3L, 7L, 8L);
        assertThat(LongStream.rangeClosed(1, 8).filter(keys::isSure)).containsExactly(2L, 7L);
    }

    @Test
    void anEmptyFilterIsForgotten() {
        HeldKeys keys = new HeldKeys(() -> 1);
        keys.add(1);
        keys.add(2);
        keys.remove(1);
        keys.endFilter(keys.startFilter());

        assertThat(keys.isEmpty()).isTrue();
    }
}
