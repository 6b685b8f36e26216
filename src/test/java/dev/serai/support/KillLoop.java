package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;

/** Kills a node at random moments under load, and starts it again: it must lose nothing, and keep the order of each key. */
public final class KillLoop {
    private static final int KEYS = 24;

    private final long seed = Long.getLong("serai.crash.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final int kills;
    private final int acknowledgedMax;
    private final double failureRate;

    /**
     * {@code -Dserai.crash.kills=500} makes all of them long, {@code -Dserai.crash.seed=} repeats the moments of a run.
     *
     * @param kills unless that says otherwise
     * @param acknowledgedMax before the next kill
     * @param failureRate of the target, from 0 to 1
     */
    public KillLoop(int kills, int acknowledgedMax, double failureRate) {
        this.kills = Integer.getInteger("serai.crash.kills", kills);
        this.acknowledgedMax = acknowledgedMax;
        this.failureRate = failureRate;
    }

    /** @param start with the target's address; its webhook is {@code /hooks/orders} */
    public interface Start {
        SeraiProcess at(String targetUrl);
    }

    /** Returns all that was sent. The node has stopped then. */
    public LoadSource run(Start start) throws Exception {
        System.out.println(kills + " kills, -Dserai.crash.seed=" + seed);
        try (RecordingTarget target = new RecordingTarget(seed)) {
            target.failing(failureRate);
            SeraiProcess serai = start.at(target.url());
            LoadSource source = new LoadSource(hook(serai), KEYS);
            source.start();
            try {
                for (int kill = 0; kill < kills; kill++) {
                    int enough = source.acknowledged().size() + random.nextInt(acknowledgedMax);
                    Awaitility.await()
                            .pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> source.acknowledged().size() >= enough);
                    serai.kill();
                    source.sendTo(null);
                    serai = start.at(target.url());
                    source.sendTo(hook(serai));
                }
                source.stop();
                LoadOracle.expectAllDelivered(source, target);
                assertThat(serai.terminate()).as(serai.output()).isZero();
            } finally {
                source.stop();
                serai.close();
            }
            System.out.println(
                    source.acknowledged().size() + " acknowledged, " + target.repeats() + " delivered more than once");
            return source;
        }
    }

    private static String hook(SeraiProcess serai) {
        return serai.flowsUrl() + "/hooks/orders";
    }
}
