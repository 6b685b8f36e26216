package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.support.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Plays hours of quiet flows whose target has outages of every kind, from seeds: no outage may kill a change, and a change
 * that fails alone must die.
 *
 * <p>{@code -Dserai.simulation.seed=N} and {@code -Dserai.simulation.runs=N} as in {@link SimulationTest}.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS) // for the long tier
class QuietFlowTest {
    private static final int RUNS = 2;
    private static final int PHASES = 6;

    @BeforeEach
    void beQuiet() {
        CapturedLog.silence("dev.serai.ledger");
    }

    @AfterEach
    void beLoudAgain() {
        CapturedLog.asBefore("dev.serai.ledger");
    }

    @Test
    void noOutageKillsAChangeOfAQuietFlow() throws InterruptedException {
        long first = Long.getLong("serai.simulation.seed", 1);
        boolean one = System.getProperty("serai.simulation.seed") != null;
        int runs = Integer.getInteger("serai.simulation.runs", one ? 1 : RUNS);
        for (long seed = first; seed < first + runs; seed++) {
            new History(seed).play();
        }
    }

    private enum Kind {
        UP,
        BUSY,
        BUSY_FOR_A_TIME,
        HANGING,
        UNREACHABLE,
        MIXED,
        REFUSING
    }

    /** One flow and its target over some hours. */
    private static final class History {
        private static final String POISON = "poison";

        private final long seed;
        private final Random random;
        private final Stage stage = new Stage();
        private final Stage.Scripted target = stage.new Scripted("shop");
        private final TargetOptions options;
        private final List<String> keys = new ArrayList<>();
        private Kind kind = Kind.UP;
        private int refusalsAllowed;
        /** By the change's id. */
        private final Map<String, String> lastRefusal = new HashMap<>();

        History(long seed) {
            this.seed = seed;
            random = new Random(seed);
            RedeliveryPolicy policy = new RedeliveryPolicy(
                    random.nextInt(4), Duration.ofSeconds(1), 2, Duration.ofMinutes(1 + random.nextInt(60)), 0.2);
            int batchSize = random.nextInt(3) == 0 ? 4 : 1;
            options = new TargetOptions(
                    1 + random.nextInt(8), batchSize, random.nextInt(4) != 0, false, false, 0, policy, true, false);
            target.script = (change, attempt) -> outcome(change);
            target.takes = change -> Duration.ofMillis(kind == Kind.HANGING ? 15_000 : 1 + random.nextInt(50));
        }

        void play() throws InterruptedException {
            target.start(options);
            for (int phase = 0; phase < PHASES; phase++) {
                kind = phase % 2 == 0 ? Kind.UP : Kind.values()[1 + random.nextInt(Kind.values().length - 1)];
                refusalsAllowed += kind == Kind.REFUSING ? 2 : 0;
                long end = stage.time.monotonicMillis()
                        + Duration.ofMinutes(1 + random.nextInt(4 * 60)).toMillis();
                while (stage.time.monotonicMillis() < end) {
                    sendSome();
                    if (random.nextInt(20) == 0) {
                        target.restart(options);
                        refusalsAllowed += kind == Kind.REFUSING ? 2 : 0;
                    }
                    stage.pass(Duration.ofMinutes(1 + random.nextInt(40)));
                }
            }
            kind = Kind.UP;
            for (int i = 0; i < 20; i++) {
                send("late " + i);
                stage.pass(Duration.ofMinutes(5));
            }
            check();
        }

        private void sendSome() {
            int burst = random.nextInt(5) == 0 ? 20 : 1;
            for (int i = 0; i < burst; i++) {
                send(random.nextInt(12) == 0 ? POISON : "k" + random.nextInt(8));
            }
        }

        private void send(String key) {
            keys.add(key);
            stage.send("" + keys.size(), key);
        }

        private Outcome outcome(Change change) {
            return switch (kind) {
                case UP -> change.key().equals(POISON) ? Stage.OUTAGE : Stage.OK;
                case BUSY, HANGING -> Stage.OUTAGE;
                case BUSY_FOR_A_TIME -> new Outcome.Failed(503, "busy", Duration.ofMinutes(random.nextInt(90)), true);
                case UNREACHABLE -> Stage.DOWN;
                case MIXED -> random.nextBoolean() ? Stage.OUTAGE : Stage.DOWN;
                case REFUSING -> {
                    lastRefusal.put(change.id(), refusalsAllowed + " " + change.key());
                    yield new Outcome.Refused(401, "token expired");
                }
            };
        }

        private void check() {
            Set<String> refused =
                    new HashSet<>(); // of a time and a key: two keys are refused before the target counts as down
            for (int sequence = 1; sequence <= keys.size(); sequence++) {
                DeliveryState state = target.state(sequence);
                boolean poison = keys.get(sequence - 1).equals(POISON);
                if (poison) {
                    continue; // it has failed while others succeeded, so a refusal is taken for its own
                }
                if (state == DeliveryState.DEAD && isRefused(sequence)) {
                    refused.add(lastRefusal.get(String.valueOf(sequence)));
                } else if (stage.store.entry(sequence).isPresent()) { // otherwise delivered, and purged since
                    assertThat(state).as("seed %d, change %d", seed, sequence).isEqualTo(DeliveryState.DELIVERED);
                }
            }
            assertThat(refused).as("seed %d, refused changes", seed).hasSizeLessThanOrEqualTo(refusalsAllowed);
            int poison = keys.indexOf(POISON);
            if (poison >= 0) {
                assertThat(target.state(poison + 1)).as("seed %d, poison", seed).isEqualTo(DeliveryState.DEAD);
            }
        }

        private boolean isRefused(long sequence) {
            return stage.store.deliveries(sequence).stream()
                    .anyMatch(delivery -> Integer.valueOf(401).equals(delivery.status()));
        }
    }
}
