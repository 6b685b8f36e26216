package dev.serai.admin.event;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the events are made of. All but the counts may block.
 *
 * @param status the JSON of {@code GET /api/status}
 * @param replays the JSON of {@code GET /api/replays}
 * @param newestReplay the id of the replay that was begun last
 * @param replaysRun whether one is under way
 * @param logCount how many entries were added to the audit since the start
 * @param newestEntry the id of the newest entry of the audit
 * @param entriesAfter the entries that are newer than the one with this id, the oldest first
 */
public record EventContent(
        Supplier<byte[]> status,
        Supplier<byte[]> replays,
        LongSupplier newestReplay,
        BooleanSupplier replaysRun,
        LongSupplier logCount,
        LongSupplier newestEntry,
        LongFunction<List<LogEvent>> entriesAfter) {

    /** An entry of the audit, with its JSON as in {@code GET /api/log}. */
    public record LogEvent(long id, byte[] json) {}
}
