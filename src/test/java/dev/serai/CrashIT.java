package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the real process at random moments under load. {@code -Dserai.crash.kills=500} makes the test long,
 * {@code -Dserai.crash.seed=} repeats the moments of a run.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class CrashIT {
    private static final int KEYS = 24;
    private static final int ACKNOWLEDGED_MAX = 500;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("serai.crash.seed", System.nanoTime());
    private final int kills = Integer.getInteger("serai.crash.kills", 6);
    private final Random random = new Random(seed);
    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    @Test
    void killedAtRandomMomentsItLosesNothingAcknowledgedAndKeepsTheOrderOfEachKey() throws Exception {
        System.out.println("CrashIT: " + kills + " kills, -Dserai.crash.seed=" + seed);
        try (RecordingTarget target = new RecordingTarget(seed)) {
            target.failing(0.1);
            SeraiProcess serai = run(target);
            LoadSource source = new LoadSource(hook(serai), KEYS);
            source.start();
            try {
                for (int kill = 0; kill < kills; kill++) {
                    int enough = source.acknowledged().size() + random.nextInt(ACKNOWLEDGED_MAX);
                    Awaitility.await()
                            .pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> source.acknowledged().size() >= enough);
                    serai.kill();
                    source.sendTo(null);
                    serai = run(target);
                    source.sendTo(hook(serai));
                }
                source.stop();
                LoadOracle.expectAllDelivered(source, target);
                assertThat(serai.terminate()).as(serai.output()).isZero();
            } finally {
                source.stop();
                serai.close();
            }
            LoadOracle.expectSoundLedger(folder.resolve("data/ledger.db"), source);
            System.out.println("CrashIT: " + source.acknowledged().size() + " acknowledged, " + target.repeats()
                    + " delivered more than once");
        }
    }

    @Test
    void aStopUnderLoadEndsInTimeAndLosesNothing() throws Exception {
        try (RecordingTarget target = new RecordingTarget(seed)) {
            SeraiProcess serai = run(target);
            LoadSource source = new LoadSource(hook(serai), KEYS);
            source.start();
            try {
                for (int stop = 0; stop < 2; stop++) {
                    int before = target.firsts().size();
                    Awaitility.await().until(() -> target.firsts().size() > before + 500);
                    assertThat(serai.terminate()).as(serai.output()).isZero();
                    source.sendTo(null);
                    serai = run(target);
                    source.sendTo(hook(serai));
                }
                source.stop();
                LoadOracle.expectAllDelivered(source, target);
            } finally {
                source.stop();
                serai.close();
            }
        }
    }

    private static String hook(SeraiProcess serai) {
        return serai.flowsUrl() + "/hooks/orders";
    }

    private SeraiProcess run(RecordingTarget target) {
        return SeraiProcess.run(folder, routes, Map.of("target.url", target.url()));
    }
}
