package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.KillLoop;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills and stops the real process under load. See {@link KillLoop}. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class CrashIT {
    private static final int KEYS = 24;

    @TempDir
    Path folder;

    private final int stops = Integer.getInteger("serai.crash.stops", 1);
    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    @Test
    void killedAtRandomMomentsItLosesNothingAcknowledgedAndKeepsTheOrderOfEachKey() throws Exception {
        LoadSource source = new KillLoop(1, 500, 0.1).run(this::run);
        LoadOracle.expectSoundLedger(folder.resolve("data/ledger.db"), source);
    }

    @Test
    void aStopUnderLoadEndsInTimeAndLosesNothing() throws Exception {
        try (RecordingTarget target = new RecordingTarget(1)) {
            SeraiProcess serai = run(target.url());
            LoadSource source = new LoadSource(hook(serai), KEYS);
            source.start();
            try {
                for (int stop = 0; stop < stops; stop++) {
                    int before = target.firsts().size();
                    Awaitility.await().until(() -> target.firsts().size() > before + 200);
                    assertThat(serai.terminate()).as(serai.output()).isZero();
                    source.sendTo(null);
                    serai = run(target.url());
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

    private SeraiProcess run(String targetUrl) {
        return SeraiProcess.run(folder, routes, Map.of("target.url", targetUrl));
    }
}
