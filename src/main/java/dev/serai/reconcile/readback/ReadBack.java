package dev.serai.reconcile.readback;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a target has.
 *
 * <p>Threads: one at a time.
 */
public interface ReadBack extends AutoCloseable {

    /**
     * Some records of a listing.
     *
     * @param next from where a listing can be continued after these, see {@link #begin}; null if it cannot
     * @param isLast whether the listing has no more
     */
    record ListedRecords(List<JsonNode> records, @Nullable String next, boolean isLast) {}

    /** What a read by key found: the record, or null if the target has none. */
    record KeyRecord(String key, @Nullable JsonNode record) {}

    /** Whether all records can be listed; else only those of known keys can be read. */
    boolean canList();

    /** Whether records can be read by their keys. */
    boolean canReadKeys();

    /**
     * Begins to list.
     *
     * @param from where to continue; null for the beginning
     */
    void begin(@Nullable String from) throws Exception;

    /** The next records; the same again after a failure. Throws what {@link dev.serai.connector.pull.PullFailures} knows. */
    ListedRecords next() throws Exception;

    /**
     * The records were looked at.
     *
     * @param anyNew whether one of them was not in the listing before
     * @throws dev.serai.connector.pull.PullException if the listing does not show all there is
     */
    void taken(boolean anyNew) throws Exception;

    /**
     * The listing is over, and had so many records with different keys.
     *
     * @throws dev.serai.connector.pull.PullException if the target says that it has another number
     */
    default void checkListed(long records) throws PullException {}

    /** The records of these keys, at most {@link #keysAtOnce}. */
    List<KeyRecord> read(List<String> keys) throws Exception;

    /** How many keys one read may have. */
    int keysAtOnce();

    @Override
    void close();
}
