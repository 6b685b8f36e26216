package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real process is killed at random moments under load. {@code -Dserai.crash.kills=500} makes it long,
 * {@code -Dserai.crash.seed=} repeats the moments of a run.
 */
class CrashIT {
    private static final int KEYS = 24;
    private static final Duration DRAINED_MAX = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("serai.crash.seed", System.nanoTime());
    private final int kills = Integer.getInteger("serai.crash.kills", 20);
    private final Random random = new Random(seed);
    private final int port = SeraiProcess.freePort();
    private final int adminPort = SeraiProcess.freePort();
    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), """
                - route:
                    id: orders-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/orders }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
                - route:
                    id: orders-out
                    from:
                      uri: ledger:orders
                      parameters: { target: shop, maximumRedeliveries: -1, redeliveryDelay: 50ms, maximumRedeliveryDelay: 400ms }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/orders" } }
                """);
    }

    @Test
    void killedAtRandomMomentsItLosesNothingAcknowledgedAndKeepsTheOrderOfEachKey() throws Exception {
        System.out.println("CrashIT: " + kills + " kills, -Dserai.crash.seed=" + seed);
        try (RecordingTarget target = new RecordingTarget(seed)) {
            target.failing(0.1);
            LoadSource source = new LoadSource("http://127.0.0.1:" + port + "/hooks/orders", KEYS);
            SeraiProcess serai = run(target);
            source.start();
            try {
                for (int kill = 0; kill < kills; kill++) {
                    // Not a wait for anything: the moment of the kill is what is random here.
                    Thread.sleep(100 + random.nextInt(1_200));
                    serai.kill();
                    serai = run(target);
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
    void toldToStopUnderLoadItEndsInTimeAndLosesNothing() throws Exception {
        try (RecordingTarget target = new RecordingTarget(seed)) {
            LoadSource source = new LoadSource("http://127.0.0.1:" + port + "/hooks/orders", KEYS);
            SeraiProcess serai = run(target);
            source.start();
            try {
                for (int stop = 0; stop < 2; stop++) {
                    int before = target.firsts().size();
                    Awaitility.await()
                            .atMost(DRAINED_MAX)
                            .until(() -> target.firsts().size() > before + 500);
                    assertThat(serai.terminate()).as(serai.output()).isZero();
                    serai = run(target);
                }
                source.stop();
                LoadOracle.expectAllDelivered(source, target);
            } finally {
                source.stop();
                serai.close();
            }
        }
    }

    private SeraiProcess run(RecordingTarget target) {
        return SeraiProcess.run(
                folder,
                routes,
                Map.of(
                        "serai.http.port", String.valueOf(port),
                        "serai.admin.port", String.valueOf(adminPort),
                        "target.url", target.url()));
    }
}
