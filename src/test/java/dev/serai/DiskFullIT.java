package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import dev.serai.support.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real process on a disk that fills up under load. Needs root on Linux, to mount a small disk in memory. */
class DiskFullIT {
    private static final int KEYS = 24;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Path data;
    private SmallDisk disk;

    @BeforeEach
    void mountDisk() throws Exception {
        data = folder.resolve("data");
        disk = SmallDisk.mount(data, 24, 10);
    }

    @AfterEach
    void unmountDisk() throws Exception {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void onAFullDiskChangesAreRefusedAndAcceptedAgainOnceThereIsRoom() throws Exception {
        try (RecordingTarget target = new RecordingTarget(1);
                SeraiProcess serai = SeraiProcess.run(folder, routes(), Map.of("target.url", target.url()))) {
            target.failing(0.1);
            LoadSource source = new LoadSource(serai.flowsUrl() + "/hooks/orders", KEYS);
            source.start();
            try {
                // Said only after it looked for room again and found none.
                await(() ->
                        assertThat(get(serai, "/observe/health/ready").body()).contains("there is no room"));
                expectTurnedAway(serai, source);

                int before = source.acknowledged().size();
                disk.throwOffBallast();
                await(() -> assertThat(source.acknowledged()).hasSizeGreaterThan(before + KEYS));
                await(() -> assertThat(get(serai, "/observe/health/ready").statusCode())
                        .isEqualTo(200));
            } finally {
                source.stop();
            }
            LoadOracle.expectAllDelivered(source, target);
            assertThat(serai.terminate()).as(serai.output()).isZero();
            LoadOracle.expectSoundLedger(data.resolve("ledger.db"), source);
            assertThat(serai.output()).contains("The ledger accepts writes again");
            assertThat(serai.output().lines().filter(line -> line.contains(" ERROR ")))
                    .as("a full disk is reported, not each change that it turned away")
                    .hasSizeBetween(1, 10);
        }
    }

    private void expectTurnedAway(SeraiProcess serai, LoadSource source) throws Exception {
        await(() -> assertThat(source.refusal()).isNotNull());
        HttpResponse<String> refusal = source.refusal();
        assertThat(refusal.statusCode()).isEqualTo(507);
        assertThat(refusal.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(refusal.headers().firstValue("Retry-After")).isPresent();
        assertThat(refusal.body()).contains("Send it again later");
        HttpResponse<String> ready = get(serai, "/observe/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("\"DOWN\"", "free space on its disk", data.toString());
        assertThat(get(serai, "/observe/health/live").statusCode()).isEqualTo(200);
        assertThat(source.unexpected()).isEmpty();
    }

    private Path routes() throws IOException {
        return Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    private HttpResponse<String> get(SeraiProcess serai, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(serai.adminUrl() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void await(org.awaitility.core.ThrowingRunnable assertion) {
        Awaitility.await().untilAsserted(assertion);
    }
}
