package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.store.postgres.PostgresPair;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A primary with a synchronous standby dies under load with failing deliveries, and the standby takes its place. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
@Tag("long")
class PostgresFailoverIT {
    private static final int KEYS = 12;

    @TempDir
    Path folder;

    @Test
    void whatWasAcceptedBeforeThePrimaryDiedIsDeliveredFromTheStandby() throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
        try (PostgresPair pair = new PostgresPair(folder);
                RecordingTarget target = new RecordingTarget(1)) {
            target.failing(0.3);
            Map<String, String> properties =
                    Map.of("target.url", target.url(), "camel.component.ledger.url", pair.url(), "serai.shards", "4");
            try (SeraiProcess serai = SeraiProcess.run(folder, routes, properties)) {
                LoadSource source = new LoadSource(serai.flowsUrl() + "/hooks/orders", KEYS);
                source.start();
                try {
                    takeMore(source);
                    int before = source.acknowledged().size();
                    pair.killPrimary();
                    await().until(() -> source.refusal() != null);
                    assertThat(source.refusal().statusCode()).isEqualTo(503);
                    assertThat(source.refusal().headers().firstValue("Retry-After"))
                            .isPresent();

                    pair.promoteStandby();
                    takeMore(source);
                    System.out.println(before + " acknowledged before, "
                            + source.acknowledged().size() + " in all");
                } finally {
                    source.stop();
                }
                LoadOracle.expectAllDelivered(source, target);
                assertThat(serai.terminate()).as(serai.output()).isZero();
            }
        }
    }

    private static void takeMore(LoadSource source) {
        Map<String, Integer> before = source.acknowledgedByKey();
        await().untilAsserted(() -> assertThat(source.acknowledgedByKey())
                .hasSize(KEYS)
                .allSatisfy((key, count) -> assertThat(count).isGreaterThan(before.getOrDefault(key, 0) + 20)));
    }
}
