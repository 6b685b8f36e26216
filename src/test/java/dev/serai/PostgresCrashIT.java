package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.store.postgres.TestServer;
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
 * Kills the real process, whose ledger is in PostgreSQL with several shards, at random moments under load with failing deliveries.
 * {@code -Dserai.crash.kills=500} makes the test long, {@code -Dserai.crash.seed=} repeats the moments of a run.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class PostgresCrashIT {
    private static final int KEYS = 24;
    private static final int ACKNOWLEDGED_MAX = 300;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("serai.crash.seed", System.nanoTime());
    private final int kills = Integer.getInteger("serai.crash.kills", 2);
    private final Random random = new Random(seed);
    private final String schema = TestServer.newSchema();
    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    @Test
    void killedAtRandomMomentsItLosesNothingAcknowledgedAndKeepsTheOrderOfEachKey() throws Exception {
        System.out.println("PostgresCrashIT: " + kills + " kills, -Dserai.crash.seed=" + seed);
        try (RecordingTarget target = new RecordingTarget(seed)) {
            target.failing(0.3);
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
            System.out.println("PostgresCrashIT: " + source.acknowledged().size() + " acknowledged, " + target.repeats()
                    + " delivered more than once");
        }
    }

    private static String hook(SeraiProcess serai) {
        return serai.flowsUrl() + "/hooks/orders";
    }

    private SeraiProcess run(RecordingTarget target) {
        return SeraiProcess.run(
                folder,
                routes,
                Map.of(
                        "target.url",
                        target.url(),
                        "camel.component.ledger.url",
                        TestServer.url(),
                        "camel.component.ledger.schema",
                        schema,
                        "serai.shards",
                        "4"));
    }
}
