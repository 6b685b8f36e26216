package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestRateTest {
    private static final String A = "203.0.113.1";
    private static final String B = "203.0.113.2";

    private long now = 5;

    private RequestRate rate(double path, double sender) {
        return new RequestRate(path, sender, () -> now);
    }

    private static long taken(RequestRate rate, String client, int sent) {
        return IntStream.range(0, sent).filter(i -> rate.excess(client) == null).count();
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aPathTakesItsRateAndNoMore() {
        RequestRate rate = rate(10, 0);

        assertThat(taken(rate, A, 100)).isEqualTo(10);
        assertThat(rate.excess(B)).isEqualTo(new RequestRate.Excess(false, Duration.ofMillis(100)));
        pass(500);
        assertThat(taken(rate, B, 100)).isEqualTo(5);
        pass(60_000);
        assertThat(taken(rate, B, 100)).isEqualTo(10);
    }

    @Test
    void aSenderBeyondItsRateUsesUpNothingOfThePath() {
        RequestRate rate = rate(10, 2);

        assertThat(taken(rate, A, 1_000)).isEqualTo(2);
        assertThat(rate.excess(A)).isEqualTo(new RequestRate.Excess(true, Duration.ofMillis(500)));
        assertThat(taken(rate, B, 1_000)).isEqualTo(2);
    }

    @Test
    void aSenderThatThePathRefusesKeepsItsOwnRate() {
        RequestRate rate = rate(1, 5);
        assertThat(taken(rate, B, 1)).isEqualTo(1);

        assertThat(taken(rate, A, 100)).isZero();
        for (int second = 0; second < 5; second++) {
            pass(1_000);
            assertThat(taken(rate, A, 1)).isEqualTo(1);
        }
    }

    @Test
    void lessThanOneASecondIsARateToo() {
        RequestRate rate = rate(0.5, 0);

        assertThat(taken(rate, A, 5)).isEqualTo(1);
        assertThat(rate.excess(A).retryAfter()).isEqualTo(Duration.ofSeconds(2));
        pass(2_000);
        assertThat(taken(rate, A, 5)).isEqualTo(1);
    }

    @Test
    void theSmallestRateDoesNoHarm() {
        RequestRate rate = rate(Double.MIN_VALUE, 1e-300);

        assertThat(taken(rate, A, 5)).isEqualTo(1);
        assertThat(rate.excess(A).retryAfter()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void allAddressesOfAnIpv6NetworkAreOneSender() {
        RequestRate rate = rate(0, 2);

        assertThat(taken(rate, "2001:db8:0:1:0:0:0:1", 2)).isEqualTo(2);
        assertThat(rate.excess("2001:db8:0:1:ffff:0:0:2")).isNotNull();
        assertThat(rate.excess("2001:db8:0:2:0:0:0:1")).isNull();
    }

    @Test
    void onlyTheLastSendersAreRemembered() {
        RequestRate rate = rate(0, 1);
        assertThat(taken(rate, A, 2)).isEqualTo(1);
        IntStream.range(0, RequestRate.SENDERS_MAX)
                .forEach(i -> rate.excess("10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256));

        assertThat(rate.excess(A)).isNull();
        assertThat(rate.excess("10.0.39.15")).isNotNull(); // the last one
    }

    @Test
    void withoutALimitEverythingIsTaken() {
        assertThat(taken(rate(0, 0), A, 10_000)).isEqualTo(10_000);
    }
}
