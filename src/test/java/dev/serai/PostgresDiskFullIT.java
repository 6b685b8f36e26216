package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.store.postgres.TestServer;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import dev.serai.support.SmallDisk;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real process, whose ledger is in a PostgreSQL with too small a disk. Needs root on Linux, to mount it in memory. */
@Tag("long")
class PostgresDiskFullIT {
    private static final int KEYS = 24;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void whenTheServersDiskIsFullChangesAreRefusedAndAcceptedAgainOnceThereIsRoom() throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("tables"), 27, 12);
                RecordingTarget target = new RecordingTarget(1)) {
            String url = TestServer.urlOf("small", Files.createDirectory(folder.resolve("tables/of-server")));
            try (SeraiProcess serai = SeraiProcess.run(
                    folder, routes, Map.of("target.url", target.url(), "camel.component.ledger.url", url))) {
                LoadSource source = new LoadSource(serai.flowsUrl() + "/hooks/orders", KEYS);
                source.start();
                try {
                    await(() -> assertThat(source.refusal()).isNotNull());
                    assertThat(source.refusal().statusCode()).isEqualTo(507);
                    assertThat(source.refusal().headers().firstValue("Retry-After"))
                            .isPresent();
                    assertThat(source.unexpected()).isEmpty();

                    int before = source.acknowledged().size();
                    disk.throwOffBallast();
                    await(() -> assertThat(source.acknowledged()).hasSizeGreaterThan(before + KEYS));
                    await(() -> assertThat(ready(serai).statusCode()).isEqualTo(200));
                } finally {
                    source.stop();
                }
                LoadOracle.expectAllDelivered(source, target);
                assertThat(serai.terminate()).as(serai.output()).isZero();
                assertThat(serai.output()).contains("could not extend file", "The ledger accepts writes again");
            } finally {
                TestServer.execute("DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small");
            }
        }
    }

    private HttpResponse<String> ready(SeraiProcess serai) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(serai.adminUrl() + "/observe/health/ready"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void await(org.awaitility.core.ThrowingRunnable assertion) {
        Awaitility.await().untilAsserted(assertion);
    }
}
