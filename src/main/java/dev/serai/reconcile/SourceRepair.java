package dev.serai.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import dev.serai.reconcile.source.SourceBlock;
import dev.serai.text.ExactJson;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the state of records that is missing or stale in the ledger as changes of the flow, as a pull of the source would do. Each
 * record is read once more before, and nothing follows a newer version.
 *
 * <p>Threads: one thread.
 */
final class SourceRepair {
    private static final int DIFFERENCES_AT_ONCE = 500;

    private final Ledger ledger;
    private final String flow;
    private final SourceBlock source;
    private final SourceSide side;
    private final PatientReadBack records;
    private final RunNotes notes;
    private final RunProgress run;
    private final Clock clock;
    private final Pace pace;

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
            List<String> open =
                    page.stream().map(KeyDifference::key).filter(notes::isOpen).toList();
            for (List<String> keys : records.portions(open)) {
                for (KeyRecord one : records.read(keys)) {
                    mend(one.key(), one.record());
                }
            }
            page = notes.differences(page.get(page.size() - 1).key(), DIFFERENCES_AT_ONCE);
        }
    }

    private void byListing() throws Exception {
        records.begin(null);
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = records.next();
            for (JsonNode record : page.records()) {
                String key = side.access().keyOf(record);
                if (key != null && notes.isOpen(key)) {
                    mend(key, record);
                }
            }
            records.taken(false); // one pass is enough
            isLast = page.isLast();
        }
    }

    private void mend(String key, @Nullable JsonNode record) throws Exception {
        KeyFinding now = side.verdict(key, record, clock.instant()).verdict();
        if (now == KeyFinding.EQUAL) { // its change has arrived
            repaired(key);
            return;
        }
        if (record == null || !now.isRepairable()) {
            notes.repair(key, "not repaired: it is " + now.word() + " now");
            return;
        }
        String refusal = refusal(key, record);
        if (refusal == null) {
            refusal = accept(key, record);
        }
        if (refusal == null) {
            repaired(key);
        } else {
            notes.repair(key, "not repaired: " + refusal);
        }
        pace.await(1);
    }

    private void repaired(String key) {
        notes.redelivered(key);
        notes.repaired(key);
    }

    /** Why the record must not be accepted; null if it may be. */
    private @Nullable String refusal(String key, JsonNode record) throws PullException {
        String version = source.versionOf(record);
        if (version == null) {
            return "its record has no version, so it could follow a newer change: add version to source";
        }
        if (!side.isKnown(key)) {
            return null;
        }
        String accepted = side.lastVersion(key);
        if (accepted == null) {
            return "its last change has no version, so it is not known which of them is newer";
        }
        return VersionOrder.compare(version, accepted) < 0
                ? "the source shows version " + version + ", which is older than the accepted " + accepted
                : null;
    }

    /** Why the ledger did not take it; null if it did. */
    private @Nullable String accept(String key, JsonNode record)
            throws PullException, JsonProcessingException, InterruptedException {
        JsonNode body = source.bodyOf(record);
        String version = source.versionOf(record);
        if (body == null || version == null) {
            return "no body can be made of its record";
        }
        byte[] bytes = ExactJson.MAPPER.writeValueAsBytes(body);
        Operation operation = side.access().isDeleted(record) ? Operation.DELETE : Operation.UPSERT;
        String id = Change.idOf(flow, key, version, operation, bytes);
        Change change = new Change(flow, id, key, version, operation, "application/json", Map.of(), bytes, true);
        try {
            ledger.accept(change).get();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LedgerException refused) {
                return refused.getMessage();
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
