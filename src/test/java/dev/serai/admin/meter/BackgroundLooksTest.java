package dev.serai.admin.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.CapturedLog;
import dev.serai.task.FailureLog;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundLooksTest {
    @Test
    void aLookThatFailsIsLoggedAndTheNextOneComesAllTheSame() {
        AtomicInteger looked = new AtomicInteger();
        try (CapturedLog log = new CapturedLog(FailureLog.class);
                BackgroundLooks looks = new BackgroundLooks()) {
            looks.begin("The look", 0, 1, () -> {
                if (looked.incrementAndGet() == 1) {
                    throw new IllegalStateException("cannot look");
                }
            });
            await().until(() -> looked.get() > 2);

            assertThat(log.lines()).first().asString().contains("The look failed", "cannot look");
        }
    }
}
