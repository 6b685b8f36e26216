package dev.serai.connector.pull;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The local times that come twice when clocks are set back: while a cursor is among them, later records may have earlier times.
 *
 * <p>Threads: safe.
 */
public final class RepeatedHour {
    private static final Set<ZoneId> ALL =
            ZoneId.getAvailableZoneIds().stream().map(ZoneId::of).collect(Collectors.toUnmodifiableSet());

    private RepeatedHour() {}

    /**
     * How much earlier than a cursor to read, so that the records of the second pass over these times are found.
     *
     * @param value of the cursor; only a time without a zone is a local one
     * @param overlap how much earlier to read otherwise
     * @param zone of the source; null for any that there is
     */
    public static Duration lookBack(String value, Duration overlap, @Nullable ZoneId zone) {
        CursorTime time = CursorTime.of(value);
        if (time == null || time.hasZone()) {
            return overlap;
        }
        LocalDateTime local = LocalDateTime.ofInstant(time.at(), ZoneOffset.UTC);
        Stream<ZoneId> zones = zone == null ? ALL.stream() : Stream.of(zone);
        return zones.map(one -> sinceBegin(local, one))
                .filter(since -> since.compareTo(overlap) > 0)
                .max(Duration::compareTo)
                .orElse(overlap);
    }

    /** How long ago the clocks have shown the first of the times that they show twice; zero if it is none of them. */
    private static Duration sinceBegin(LocalDateTime local, ZoneId zone) {
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        return change != null && change.isOverlap()
                ? Duration.between(change.getDateTimeAfter(), local)
                : Duration.ZERO;
    }
}
