package dev.serai.connector.pull;

import dev.serai.text.LogText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneOffsetTransition;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a source wants times to be written.
 *
 * <p>Threads: safe.
 */
public final class PullTime {
    private final boolean isSet;
    private final @Nullable ZoneId given;
    private final ZoneId zone;
    private final Function<ZonedDateTime, String> format;

    /**
     * @param format iso, seconds, millis or a pattern; null for iso, and for cursors as they are
     * @param zone of local times; null for UTC
     */
    public PullTime(@Nullable String format, @Nullable String zone) {
        this.isSet = format != null;
        this.given = zone == null ? null : zone(zone);
        this.zone = given == null ? ZoneOffset.UTC : given;
        this.format = format(format == null ? "iso" : format.strip());
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name.strip());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "zone must be one like Asia/Shanghai, UTC or +08:00, not " + LogText.of(name), e);
        }
    }

    private static Function<ZonedDateTime, String> format(String name) {
        switch (name) {
            case "iso":
                return DateTimeFormatter.ISO_OFFSET_DATE_TIME::format;
            case "seconds":
                return time -> String.valueOf(time.toEpochSecond());
            case "millis":
                return time -> String.valueOf(time.toInstant().toEpochMilli());
            default:
                try {
                    DateTimeFormatter pattern = DateTimeFormatter.ofPattern(name, Locale.ROOT);
                    pattern.formatTo(Instant.EPOCH.atZone(ZoneOffset.UTC), new StringBuilder());
                    return pattern::format;
                } catch (IllegalArgumentException | DateTimeException e) {
                    throw new IllegalArgumentException(
                            "timeFormat must be iso, seconds, millis or a pattern like yyyy-MM-dd HH:mm:ss, not "
                                    + LogText.of(name),
                            e);
                }
        }
    }

    /** The zone of local times; null if it is not known. */
    public @Nullable ZoneId zone() {
        return given;
    }

    public String text(Instant time) {
        return format.apply(time.atZone(zone));
    }

    /** A cursor as the source wants it. */
    public String cursor(String value) throws PullException {
        return isSet && !value.isEmpty() ? text(time(value)) : value;
    }

    /** The time that a cursor is. */
    public Instant time(String value) throws PullException {
        Instant time = PullCursor.time(value, zone);
        if (time == null) {
            throw new PullException("the cursor or start " + LogText.of(value)
                    + " is not a time, which timeFormat and window need: use one like 2026-01-31T00:00:00Z");
        }
        return time;
    }

    /** The start of a window. */
    public String from(PullWindow window) {
        ZoneOffsetTransition back = back(window);
        return back == null ? text(window.from()) : earlier(window.from(), back.getDateTimeAfter());
    }

    /** The end of a window. */
    public String to(PullWindow window) {
        ZoneOffsetTransition back = back(window);
        return back == null ? text(window.to()) : later(window.to(), back.getDateTimeBefore());
    }

    /**
     * When the clocks go back within a window, its local times are those up to then and those from then on, and the source
     * cannot tell the hour that comes twice: the window then asks for all of them.
     */
    private @Nullable ZoneOffsetTransition back(PullWindow window) {
        ZoneOffsetTransition next = zone.getRules().nextTransition(window.from());
        boolean isWithin =
                next != null && next.isOverlap() && !next.getInstant().isAfter(window.to());
        return isWithin && !hasOffset(next) ? next : null;
    }

    private boolean hasOffset(ZoneOffsetTransition back) {
        LocalDateTime twice = back.getDateTimeAfter();
        String first = format.apply(ZonedDateTime.ofLocal(twice, zone, back.getOffsetBefore()));
        return !first.equals(format.apply(ZonedDateTime.ofLocal(twice, zone, back.getOffsetAfter())));
    }

    private String earlier(Instant time, LocalDateTime other) {
        LocalDateTime local = time.atZone(zone).toLocalDateTime();
        return format.apply((local.isBefore(other) ? local : other).atZone(zone));
    }

    private String later(Instant time, LocalDateTime other) {
        LocalDateTime local = time.atZone(zone).toLocalDateTime();
        return format.apply((local.isAfter(other) ? local : other).atZone(zone));
    }
}
