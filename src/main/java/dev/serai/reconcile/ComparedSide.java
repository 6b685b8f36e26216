package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.KeyCheck.KeyVerdict;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.reconcile.state.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A system whose records are compared with what the ledger has of them: the target or the source.
 *
 * <p>Threads: one at a time.
 */
interface ComparedSide {
    /** For messages: target or source. */
    String name();

    RecordAccess access();

    /** How long the two may differ while a change is on its way. */
    Duration lag();

    /** What the ledger has of each key. */
    Book book();

    LogFollower follower();

    /** How often a second look may read a whole listing. */
    int listings();

    /** The state of a record that is not deleted; null if it has none. */
    @Nullable JsonNode stateOf(JsonNode record) throws PullException;

    /** Whether a record shows what the ledger has of its key, as far as a first look tells. @param record null if there is none */
    default boolean isEqual(Given given, @Nullable JsonNode record) throws PullException {
        if (record == null || access().isDeleted(record)) {
            return given.kind() == GivenKind.DELETED;
        }
        if (given.kind() != GivenKind.STATE) {
            return false;
        }
        JsonNode found = stateOf(record);
        return found != null && Arrays.equals(RecordState.digest(found), given.digest());
    }

    /**
     * What was accepted until then is compared.
     *
     * @param read what was accepted before was read
     * @throws PullException if the ledger has nothing to compare it with
     */
    Instant through(Instant read) throws PullException;

    /** A run begins. */
    void begin();

    /** These are to be looked at again; they showed these records. */
    void suspect(List<KeyRecord> shown);

    /** Whether a change of the key is on its way, so that reading its record would tell nothing. */
    boolean isOnItsWay(String key);

    /**
     * Compares a key exactly.
     *
     * @param record what the system has; null if it has none
     * @param readAt a time before which the read did not begin
     */
    KeyVerdict verdict(String key, @Nullable JsonNode record, Instant readAt);

    /**
     * Judges whether what was read can be believed.
     *
     * @param absent how many of the keys that it should have it does not show
     * @param shown how many it does
     * @throws PullException if it cannot
     */
    void judge(long absent, long shown) throws PullException;

    /** Mends what the run has found, as far as it can. */
    void repair(PatientReadBack system, SecondLook look, RunProgress run) throws Exception;
}
