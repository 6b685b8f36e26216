package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.readback.PatientReadBack;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The target whose records are compared with a bill, and how it is read back. */
public interface BillTarget {
    TargetName name();

    /** How long it may take to show what it has acknowledged. */
    Duration lag();

    /** Nothing is asked yet. */
    PatientReadBack open();

    /** The key of a listed record; null if it has none. */
    @Nullable String keyOf(JsonNode record) throws PullException;

    /** Whether a record counts as deleted. */
    boolean isDeleted(JsonNode record) throws PullException;
}
