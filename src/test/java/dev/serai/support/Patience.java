package dev.serai.support;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.awaitility.pollinterval.PollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The time limit of all waits in tests, long enough for a machine that is ten times slower. JUnit
 * finds it by {@code META-INF/services} and gives it to Awaitility; {@code junit-platform.properties} limits whole tests.
 */
public final class Patience implements BeforeAllCallback {
    public static final Duration MAX = Duration.ofSeconds(120);
    public static final int MAX_MILLIS = (int) MAX.toMillis();
    /** Most conditions hold in the first moment. */
    private static final PollInterval OFTEN_AT_FIRST = IterativePollInterval.iterative(
            before -> Duration.ofMillis(Math.min(100, 2 * before.toMillis())), Duration.ofMillis(5));

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(MAX);
        Awaitility.setDefaultPollInterval(OFTEN_AT_FIRST);
    }
}
