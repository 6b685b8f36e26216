package dev.serai.admin.event;

import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * @param logCount how often an entry of the audit was added or ended since the start
 * @param newestEntry the id of the newest entry of the audit
 * @param entriesAfter the entries that are newer than the one with this id, the oldest first
 * @param entry the entry with this id, if it is kept
 * @param running the ids of the entries of work that goes on
 */
public record EventContent(
        Supplier<byte[]> status,
        Supplier<byte[]> replays,
        LongSupplier newestReplay,
        BooleanSupplier replaysRun,
        LongSupplier logCount,
        LongSupplier newestEntry,
        LongFunction<List<LogEvent>> entriesAfter,
        LongFunction<Optional<LogEvent>> entry,
        Supplier<Set<Long>> running) {

    /** An entry of the audit, with its JSON as in {@code GET /api/log}. @param running whether its work goes on */
    public record LogEvent(long id, byte[] json, boolean running) {}
}
