package dev.serai.camel;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far one run of a pull has read, and from where the next has to read.
 *
 * <p>More records may still appear with the newest value seen. So the value to save is the one before it: the newest
 * value's records are read again, whether the source gives what is greater or also what is equal, and the ledger knows them
 * by their ids. With a single value since the cursor, the cursor stays.
 *
 * <p>Values compare as numbers if both are numbers, as instants if both are RFC 3339 times, else as strings.
 *
 * <p>Threads: for one.
 */
final class PullCursor {
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,40}(\\.[0-9]{1,40})?");

    private final @Nullable String saved;
    private @Nullable String newest;
    private @Nullable String beforeNewest;
    private @Nullable String last;
    private boolean sorted = true;

    /** Starts at what was saved before, if anything was. */
    PullCursor(@Nullable String saved) {
        this.saved = saved;
    }

    /** With what the other has seen, to go on from or to drop. */
    PullCursor(PullCursor other) {
        saved = other.saved;
        newest = other.newest;
        beforeNewest = other.beforeNewest;
        last = other.last;
        sorted = other.sorted;
    }

    /** Takes note of a record's value. */
    void see(String value) {
        if (last != null && compare(value, last) < 0) {
            sorted = false;
        }
        last = value;
        if (newest == null || compare(value, newest) > 0) {
            beforeNewest = newest;
            newest = value;
        } else if (compare(value, newest) < 0 && (beforeNewest == null || compare(value, beforeNewest) > 0)) {
            beforeNewest = value;
        }
    }

    /** Whether all values came in non-decreasing order, so that nothing older than the last is to come. */
    boolean isSorted() {
        return sorted;
    }

    /** Whether any record had a value. */
    boolean hasSeen() {
        return newest != null;
    }

    /** The value to save; never less than what was saved before, null if there is none yet. */
    @Nullable String toSave() {
        if (beforeNewest == null || (saved != null && compare(beforeNewest, saved) < 0)) {
            return saved;
        }
        return beforeNewest;
    }

    static int compare(String a, String b) {
        if (NUMBER.matcher(a).matches() && NUMBER.matcher(b).matches()) {
            return new BigDecimal(a).compareTo(new BigDecimal(b));
        }
        Instant instantA = instant(a);
        Instant instantB = instantA == null ? null : instant(b);
        return instantA == null || instantB == null ? a.compareTo(b) : instantA.compareTo(instantB);
    }

    private static @Nullable Instant instant(String text) {
        if (text.length() < 20 || text.charAt(4) != '-') {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
