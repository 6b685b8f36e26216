package dev.serai;

import dev.serai.store.postgres.TestServer;
import dev.serai.support.KillLoop;
import dev.serai.support.OrderRoutes;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the real process, whose ledger is in PostgreSQL with several shards, under load with failing deliveries. See {@link
 * KillLoop}.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
@Tag("long")
class PostgresCrashIT {
    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();
    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    @Test
    void killedAtRandomMomentsItLosesNothingAcknowledgedAndKeepsTheOrderOfEachKey() throws Exception {
        new KillLoop(1, 300, 0.3).run(this::run);
    }

    private SeraiProcess run(String targetUrl) {
        return SeraiProcess.run(
                folder,
                routes,
                Map.of(
                        "target.url",
                        targetUrl,
                        "camel.component.ledger.url",
                        TestServer.url(),
                        "camel.component.ledger.schema",
                        schema,
                        "serai.shards",
                        "4"));
    }
}
