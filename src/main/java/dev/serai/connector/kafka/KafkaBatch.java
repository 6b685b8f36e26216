package dev.serai.connector.kafka;

import dev.serai.camel.SourceStatus;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.connector.pull.RouteSender;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;

/**
 * The records of one poll on their way to the user's route: all at once, and one by one if it refuses them, so that only the
 * record at fault becomes a dead letter.
 *
 * <p>Promise: an offset is committed only after the route has taken its record and those before it in its partition.
 *
 * <p>Threads: one thread, the polling one.
 */
final class KafkaBatch {
    /** Well below the time that Kafka allows between two polls (max.poll.interval.ms, 5 minutes). */
    private static final Duration SINGLY_MAX = Duration.ofSeconds(60);

    private final List<KafkaRecord> records;
    private final RouteSender route;
    private final SourceStatus status;
    private final PullFailures failures;
    private final KafkaWait wait;
    private final boolean stopsAtBroken;

    /** @param stopsAtBroken whether a record that cannot be accepted fails the batch instead of becoming a dead letter */
    KafkaBatch(
            List<KafkaRecord> records,
            RouteSender route,
            SourceStatus status,
            PullFailures failures,
            KafkaWait wait,
            boolean stopsAtBroken) {
        this.records = records;
        this.route = route;
        this.status = status;
        this.failures = failures;
        this.wait = wait;
        this.stopsAtBroken = stopsAtBroken;
    }

    /** Returns how many records the route has taken: less than all if they were sent one by one and took too long. */
    int send() throws Exception {
        if (stopsAtBroken && records.stream().anyMatch(KafkaRecord::isBroken)) {
            return sendSingly(); // those before it are taken
        }
        try {
            take(records);
        } catch (Exception e) {
            if (!isOfRecord(e)) {
                throw e;
            }
            return sendSingly();
        }
        commit(records);
        return records.size();
    }

    private int sendSingly() throws Exception {
        long begin = System.nanoTime();
        int taken = 0;
        for (KafkaRecord record : records) {
            if (taken > 0 && System.nanoTime() - begin > SINGLY_MAX.toNanos()) {
                break;
            }
            sendOne(record);
            commit(List.of(record));
            taken++;
        }
        return taken;
    }

    private void sendOne(KafkaRecord record) throws Exception {
        if (stopsAtBroken && record.content() instanceof BrokenRecord broken) {
            throw stopped(record, broken.reason());
        }
        for (int tries = 0; ; tries++) {
            try {
                take(List.of(record));
                return;
            } catch (Exception e) {
                if (record.isBroken() || !isOfRecord(e)) {
                    throw e;
                }
                Long pause = failures.waitForRoute(e, tries, true);
                if (pause == null && stopsAtBroken) {
                    throw stopped(record, failures.reason(e));
                }
                if (pause == null) {
                    take(List.of(record.refused(failures.reason(e))));
                    return;
                }
                wait.pause(pause);
            }
        }
    }

    private static PullException stopped(KafkaRecord record, String reason) {
        return new PullException(
                "stopped at " + record.place() + ", which cannot be accepted (onBroken: stop): " + reason);
    }

    /** Whether the failure may be that of a record. */
    private boolean isOfRecord(Exception failure) {
        return !failures.takesNothing(failure) && (failures.isPermanent(failure) || failures.mayBeOfRecord(failure));
    }

    private void take(List<KafkaRecord> some) throws Exception {
        RouteSender.Taken taken =
                route.send(some.stream().map(KafkaRecord::toSend).toList());
        status.taken(taken.records(), taken.fresh(), taken.freshBroken(), taken.flow());
        some.forEach(record -> status.newest(record.writtenAt()));
    }

    private static void commit(List<KafkaRecord> some) {
        Map<String, KafkaManualCommit> commits = new LinkedHashMap<>();
        for (KafkaRecord record : some) {
            if (record.commit() != null) {
                commits.put(record.topic() + "-" + record.partition(), record.commit());
            }
        }
        commits.values().forEach(KafkaManualCommit::commit);
    }

    /** Where it begins, by partition. */
    static String places(List<KafkaRecord> records) {
        Map<String, Long> starts = new LinkedHashMap<>();
        records.forEach(record -> starts.putIfAbsent(record.topic() + "-" + record.partition(), record.offset()));
        return String.join(
                ", ",
                starts.entrySet().stream()
                        .map(start -> start.getKey() + " offset " + start.getValue())
                        .toList());
    }
}
