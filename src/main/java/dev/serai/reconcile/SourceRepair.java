package dev.serai.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.RepairNotes;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import dev.serai.reconcile.source.SourceBlock;
import dev.serai.text.ExactJson;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the state of records that is missing or stale in the ledger as changes of the flow, as a pull of the source would do. Each
 * record is read once more before, and nothing follows a newer version. Some keys are accepted at a time.
 *
 * <p>Threads: one thread.
 */
final class SourceRepair {
    private static final int DIFFERENCES_AT_ONCE = 500;
    /** What was read waits so long at most for others to be accepted with. */
    private static final Duration READ_MAX = Duration.ofMillis(100);

    private static final String NOT_REPAIRED = "not repaired: ";

    private final Ledger ledger;
    private final String flow;
    private final SourceBlock source;
    private final SourceSide side;
    private final PatientReadBack records;
    private final RunNotes notes;
    private final RepairNotes repairs;
    private final RunProgress run;
    private final Clock clock;
    private final Pace pace;
    /** What was read and is to be accepted next, by key. */
    private final Map<String, ReadRecord> group = new LinkedHashMap<>();

    private long bytes;
    private long since;

    /**
     * A record of the source.
     *
     * @param body of its change; null if there is none
     */
    private record ReadRecord(@Nullable JsonNode record, byte @Nullable [] body) {}

    SourceRepair(
            Ledger ledger,
            String flow,
            SourceBlock source,
            SourceSide side,
            PatientReadBack records,
            RunProgress run,
            Clock clock) {
        this.ledger = ledger;
        this.flow = flow;
        this.source = source;
        this.side = side;
        this.records = records;
        this.notes = side.book().notes();
        this.repairs = side.book().repairs();
        this.run = run;
        this.clock = clock;
        this.pace = new Pace(run.request.rate());
    }

    void run() throws Exception {
        long found = notes.counts().entrySet().stream()
                .filter(one -> isRepairable(one.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (found > run.request.limit()) {
            run.note = found + " keys differ, which is more than the limit of " + run.request.limit()
                    + ", so none was repaired: look at them first, then raise the limit";
        } else if (found > 0 && records.canReadKeys()) {
            byKey();
        } else if (found > 0) {
            byListing();
        }
    }

    private static boolean isRepairable(String kind) {
        return KeyFinding.valueOf(kind.toUpperCase(Locale.ROOT)).isRepairable();
    }

    private void byKey() throws Exception {
        List<KeyDifference> page = notes.differences("", DIFFERENCES_AT_ONCE);
        while (!page.isEmpty()) {
            List<String> open = page.stream()
                    .map(KeyDifference::key)
                    .filter(repairs::isOpen)
                    .toList();
            for (List<String> keys : records.portions(open)) {
                for (KeyRecord one : records.read(keys)) {
                    add(one.key(), one.record());
                }
            }
            page = notes.differences(page.get(page.size() - 1).key(), DIFFERENCES_AT_ONCE);
        }
        mend();
    }

    private void byListing() throws Exception {
        records.begin(null);
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = records.next();
            for (JsonNode record : page.records()) {
                String key = side.access().keyOf(record);
                if (key != null && !group.containsKey(key) && repairs.isOpen(key)) {
                    add(key, record);
                }
            }
            records.taken(false); // one pass is enough
            isLast = page.isLast();
        }
        mend();
    }

    // ---- Some keys at a time

    private void add(String key, @Nullable JsonNode record) throws Exception {
        long now = System.nanoTime();
        since = group.isEmpty() ? now : since;
        byte[] body = body(record);
        group.put(key, new ReadRecord(record, body));
        bytes += body == null ? 0 : body.length;
        if (group.size() >= run.request.changesAtOnce()
                || bytes >= RunRequest.BYTES_AT_ONCE
                || now - since >= READ_MAX.toNanos()) {
            mend();
        }
    }

    private byte @Nullable [] body(@Nullable JsonNode record) throws PullException, JsonProcessingException {
        JsonNode body = record == null ? null : source.bodyOf(record);
        return body == null ? null : ExactJson.MAPPER.writeValueAsBytes(body);
    }

    /**
     * Accepts what may be accepted, and notes what became of each key. If a kill comes in between, the next look finds the keys
     * equal.
     */
    private void mend() throws Exception {
        if (group.isEmpty()) {
            return;
        }
        Map<String, String> outcomes = new HashMap<>();
        List<Change> changes = new ArrayList<>();
        for (Map.Entry<String, ReadRecord> one : group.entrySet()) {
            String key = one.getKey();
            ReadRecord read = one.getValue();
            KeyFinding now = side.verdict(key, read.record(), clock.instant()).verdict();
            if (now == KeyFinding.EQUAL) { // its change has arrived
                outcomes.put(key, RepairNotes.REPAIRED);
            } else if (read.record() == null || !now.isRepairable()) {
                outcomes.put(key, NOT_REPAIRED + "it is " + now.word() + " now");
            } else {
                String refusal = refusal(key, read.record(), read.body(), changes);
                if (refusal != null) {
                    outcomes.put(key, NOT_REPAIRED + refusal);
                }
            }
        }
        accept(changes, outcomes);
        repairs.note(outcomes);
        group.clear();
        bytes = 0;
        pace.await(changes.size());
    }

    /** Why the record must not be accepted; null if it may be, and its change is among those to accept. */
    private @Nullable String refusal(String key, JsonNode record, byte @Nullable [] body, List<Change> changes)
            throws PullException {
        String version = source.versionOf(record);
        if (version == null) {
            return "its record has no version, so it could follow a newer change: add version to source";
        }
        if (side.follower().isKnown(key)) {
            String accepted = side.lastVersion(key);
            if (accepted == null) {
                return "its last change has no version, so it is not known which of them is newer";
            }
            if (VersionOrder.compare(version, accepted) < 0) {
                return "the source shows version " + version + ", which is older than the accepted " + accepted;
            }
        }
        if (body == null) {
            return "no body can be made of its record";
        }
        Operation operation = side.access().isDeleted(record) ? Operation.DELETE : Operation.UPSERT;
        String id = Change.idOf(flow, key, version, operation, body);
        changes.add(new Change(flow, id, key, version, operation, "application/json", Map.of(), body, true));
        return null;
    }

    private void accept(List<Change> changes, Map<String, String> outcomes) throws InterruptedException {
        if (changes.isEmpty() || refusal(changes) == null) {
            changes.forEach(one -> outcomes.put(one.key(), RepairNotes.REPAIRED));
            return;
        }
        for (Change one : changes) { // which of them is refused
            String refusal = refusal(List.of(one));
            outcomes.put(one.key(), refusal == null ? RepairNotes.REPAIRED : NOT_REPAIRED + refusal);
        }
    }

    /** Why the ledger did not take all of them; null if it did. */
    private @Nullable String refusal(List<Change> changes) throws InterruptedException {
        try {
            ledger.accept(changes, null).get();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LedgerException refused) {
                return String.valueOf(refused.getMessage());
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
