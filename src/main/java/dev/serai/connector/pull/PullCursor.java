package dev.serai.connector.pull;

import dev.serai.ledger.model.VersionOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far one run of a pull has read, and from where the next has to read.
 *
 * <p>More records with the newest value may appear later. The value to save is therefore the one before it: the records with
 * the newest value are read again, whether the source compares with greater or with greater-or-equal, and the ledger
 * recognises them by their ids. If there is only one value after the cursor, the cursor stays.
 *
 * <p>A time that lies ahead of now does not move the cursor: a record that is dated wrongly would end the pull.
 *
 * <p>Values compare as versions do, see {@link VersionOrder}.
 *
 * <p>Threads: for one.
 */
public final class PullCursor {
    /** How far ahead of this node's clock the source's may be. */
    private static final Duration AHEAD_MAX = Duration.ofMinutes(5);

    private final @Nullable String saved;
    private final Instant limit;
    private @Nullable String newest;
    private @Nullable String beforeNewest;
    private @Nullable String last;
    private @Nullable String latestAhead;
    private boolean sorted = true;
    private boolean seen;
    private boolean epoch;
    private int ahead;

    /** Starts at the saved value, if there is one. */
    public PullCursor(@Nullable String saved, Instant now) {
        this.saved = saved;
        this.limit = now.plus(AHEAD_MAX);
        this.epoch = saved != null && isPastEpoch(saved);
    }

    /** Copies another cursor. */
    public PullCursor(PullCursor other) {
        saved = other.saved;
        limit = other.limit;
        newest = other.newest;
        beforeNewest = other.beforeNewest;
        last = other.last;
        latestAhead = other.latestAhead;
        sorted = other.sorted;
        seen = other.seen;
        epoch = other.epoch;
        ahead = other.ahead;
    }

    /** A request begins that asks from a value on, and so may bring records again. */
    public void beginRequest() {
        last = null;
    }

    /** Takes note of the values of a page's records. */
    public void see(List<String> values) {
        // A number is a time only beside one that is a time of the past; else it may be any other number.
        epoch = epoch || values.stream().anyMatch(this::isPastEpoch);
        values.forEach(this::see);
    }

    private void see(String value) {
        seen = true;
        if (last != null && VersionOrder.compare(value, last) < 0) {
            sorted = false;
        }
        last = value;
        if (isAhead(value)) {
            ahead++;
            latestAhead = latestAhead == null || VersionOrder.compare(value, latestAhead) > 0 ? value : latestAhead;
        } else if (newest == null || VersionOrder.compare(value, newest) > 0) {
            beforeNewest = newest;
            newest = value;
        } else if (VersionOrder.compare(value, newest) < 0
                && (beforeNewest == null || VersionOrder.compare(value, beforeNewest) > 0)) {
            beforeNewest = value;
        }
    }

    private boolean isPastEpoch(String value) {
        CursorTime time = CursorTime.ofEpoch(value);
        return time != null && !time.isAfter(limit);
    }

    /** Whether it is a time later than now, as far as the values show that were seen until now. */
    public boolean isAhead(String value) {
        CursorTime time = epoch ? CursorTime.ofEpoch(value) : null;
        time = time == null ? CursorTime.of(value) : time;
        return time != null && time.isAfter(limit);
    }

    /** The value that is earlier by the duration if it is a time; else the value. */
    public static String minus(String value, Duration duration) {
        CursorTime time = CursorTime.of(value);
        time = time == null ? CursorTime.ofEpoch(value) : time;
        return time == null ? value : time.minus(duration);
    }

    /** The time that a value is; null if it is none. A local time is one of the zone. */
    public static @Nullable Instant time(String value, ZoneId zone) {
        CursorTime time = CursorTime.of(value);
        time = time == null ? CursorTime.ofEpoch(value) : time;
        if (time == null || time.hasZone()) {
            return time == null ? null : time.at();
        }
        return LocalDateTime.ofInstant(time.at(), ZoneOffset.UTC).atZone(zone).toInstant();
    }

    /** Whether the values of each request arrived in non-decreasing order, so that no older value follows. */
    public boolean isSorted() {
        return sorted;
    }

    /** Whether any record had a value. */
    public boolean hasSeen() {
        return seen;
    }

    /** How many records are dated later than now. */
    public int ahead() {
        return ahead;
    }

    /** The latest of them; null if there is none. */
    public @Nullable String latestAhead() {
        return latestAhead;
    }

    /** The time that the newest value is; null if it is none, or the zone is not known. */
    public @Nullable Instant newestTime() {
        CursorTime time = newest == null ? null : CursorTime.of(newest);
        time = time == null && newest != null && epoch ? CursorTime.ofEpoch(newest) : time;
        return time == null || !time.hasZone() ? null : time.at();
    }

    /** The value from which all newer records come again; null if no two values were seen. */
    public @Nullable String askFrom() {
        return beforeNewest;
    }

    /** The value to save, never less than the saved one; null if there is none yet. */
    public @Nullable String toSave() {
        if (beforeNewest == null || (saved != null && VersionOrder.compare(beforeNewest, saved) < 0)) {
            return saved;
        }
        return beforeNewest;
    }
}
