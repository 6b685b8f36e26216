package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.admin.AdminToken;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.store.JdbcStore;
import dev.serai.store.sqlite.LedgerFiles;
import dev.serai.support.FileTrace;
import dev.serai.support.FileTrace.Kept;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * What a process wrote is recorded, and its folder rebuilt as a kill or a loss of power could have left it: at each of the
 * first syncs, and at random moments. {@code -Pcrash} takes more of both, {@code -Dserai.crash.seed=} repeats a run.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class PowerLossIT {
    private static final int KEYS = 6;
    private static final int CHANGES_OF_A_KEY = 25;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("serai.crash.seed", System.nanoTime());
    private final int syncs = Integer.getInteger("serai.powerLoss.syncs", 2);
    private final int moments = Integer.getInteger("serai.powerLoss.moments", 2);
    private final Random random = new Random(seed);
    private final HttpClient http = HttpClient.newHttpClient();
    /** Acknowledged ids, with the length of the record at that time: what was recorded later came later. */
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

    private Path data;
    private Path record;
    private Path routes;

    @BeforeEach
    void prepare() throws IOException {
        folder = folder.toRealPath();
        data = folder.resolve("data");
        record = folder.resolve("record");
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
        System.out.println("PowerLossIT: -Dserai.crash.seed=" + seed);
    }

    @Test
    void aNewLedgerAndThenAnOldOneSurviveTheLossOfPowerAtAnyMoment() throws Exception {
        try (RecordingTarget target = new RecordingTarget(seed)) {
            load(target, 1);
            expectSoundAtAnyMoment(FileTrace.read(record, Map.of()));

            acknowledged.replaceAll((id, length) -> 0L);
            Map<String, byte[]> before = FileTrace.files(data);
            record = folder.resolve("later record");
            load(target, 1 + CHANGES_OF_A_KEY);
            expectSoundAtAnyMoment(FileTrace.read(record, before));
        }
    }

    /** Starts the program, pushes changes whose numbers begin with {@code first}, and stops it. */
    private void load(RecordingTarget target, int first) throws Exception {
        Map<String, String> environment = FileTrace.environment(data, record);
        ExecutorService senders = Executors.newFixedThreadPool(KEYS);
        try (SeraiProcess serai = SeraiProcess.run(folder, routes, Map.of("target.url", target.url()), environment)) {
            URI hook = URI.create(serai.flowsUrl() + "/hooks/orders");
            List<Future<?>> sent = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                String name = "k" + key;
                sent.add(senders.submit(() -> {
                    for (int number = first; number < first + CHANGES_OF_A_KEY; number++) {
                        push(hook, name, number);
                    }
                    return null;
                }));
            }
            for (Future<?> one : sent) {
                one.get();
            }
            assertThat(serai.terminate()).as(serai.output()).isZero();
        } finally {
            senders.shutdownNow();
        }
    }

    private void push(URI hook, String key, int number) throws IOException, InterruptedException {
        String id = key + "-" + number;
        HttpRequest request = HttpRequest.newBuilder(hook)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"%s\",\"key\":\"%s\",\"pad\":\"%s\"}"
                        .formatted(id, key, "x".repeat(random.nextInt(2000)))))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(202);
        acknowledged.put(id, Files.exists(record) ? Files.size(record) : 0);
    }

    private void expectSoundAtAnyMoment(FileTrace trace) throws IOException {
        for (int sync : trace.beforeSyncs(syncs)) {
            for (Kept kept : Kept.values()) {
                expectSound(trace, sync, kept);
                expectSound(trace, sync + 1, kept);
            }
        }
        for (int moment = 0; moment < moments; moment++) {
            expectSound(trace, random.nextInt(trace.steps() + 1), Kept.RANDOM);
        }
        expectSound(trace, trace.steps(), Kept.NONE);
    }

    private void expectSound(FileTrace trace, int steps, Kept kept) throws IOException {
        String moment = "after " + steps + " of " + trace.steps() + " steps, kept " + kept;
        Path left = Files.createDirectories(folder.resolve("left"));
        trace.rebuild(steps, kept, random, left);
        try {
            AdminToken.readOrCreate(left.resolve("admin.token"));
            List<String> ids = ids(left.resolve("ledger.db"));
            acknowledged.forEach((id, length) -> {
                if (trace.stepsAt(length) <= steps) {
                    assertThat(ids).as(moment).contains(id);
                }
            });
            expectNoGaps(ids, moment);
            assertThat(LedgerFiles.check(left.resolve("ledger.db"))).as(moment).isEmpty();
        } catch (RuntimeException e) {
            throw new AssertionError(moment, e);
        } finally {
            FileSystemUtils.deleteRecursively(left);
        }
    }

    /** The ids in the ledger, oldest first, after it was opened as the program does. */
    private static List<String> ids(Path ledger) {
        try (JdbcStore store = JdbcStore.open(ledger)) {
            List<Entry> entries = store.changes(new ChangeQuery("orders", null, null, 10_000));
            return entries.stream()
                    .sorted((one, other) -> Long.compare(one.sequence(), other.sequence()))
                    .map(entry -> entry.change().id())
                    .toList();
        }
    }

    /** A sender waits for each answer, so of each key a first part is there, in order. */
    private static void expectNoGaps(List<String> ids, String moment) {
        Map<String, Integer> numbers = new HashMap<>();
        for (String id : ids) {
            String[] parts = id.split("-");
            assertThat(Integer.parseInt(parts[1])).as(moment).isEqualTo(numbers.merge(parts[0], 1, Integer::sum));
        }
    }
}
