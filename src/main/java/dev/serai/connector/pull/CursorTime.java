package dev.serai.connector.pull;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The time that a cursor's value is: RFC 3339, a date and time or a date without a zone, or seconds or milliseconds since 1970.
 *
 * @param at without a zone, as if it were UTC
 * @param hasZone whether the value says which zone it is in; numbers do
 */
record CursorTime(String value, Instant at, boolean hasZone) {
    /** No clock on earth is further ahead of UTC. */
    private static final Duration ZONE_MAX = Duration.ofHours(14);

    private static final Pattern TEXT = Pattern.compile(
            "(\\d{4}-\\d{2}-\\d{2})(?:([T ])(\\d{2}:\\d{2}(?::\\d{2}(?:[.,](\\d{1,9}))?)?)(Z|[+-]\\d{2}(?::?\\d{2})?)?)?");
    /** From 2001 to 2065: other numbers are not taken for times. */
    private static final Pattern EPOCH = Pattern.compile("([12]\\d{9})(\\d{3})?(?:\\.(\\d{1,9}))?");

    /** Null if the value is no time. */
    static @Nullable CursorTime of(String value) {
        Matcher text = TEXT.matcher(value);
        if (!text.matches()) {
            return null;
        }
        try {
            if (text.group(3) == null) {
                return new CursorTime(
                        value, LocalDate.parse(text.group(1)).atStartOfDay().toInstant(ZoneOffset.UTC), false);
            }
            LocalDateTime local =
                    LocalDateTime.parse(text.group(1) + "T" + text.group(3).replace(',', '.'));
            if (text.group(5) == null) {
                return new CursorTime(value, local.toInstant(ZoneOffset.UTC), false);
            }
            return new CursorTime(value, local.toInstant(ZoneOffset.of(text.group(5))), true);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Null if the value cannot be seconds or milliseconds since 1970. */
    static @Nullable CursorTime ofEpoch(String value) {
        Matcher number = EPOCH.matcher(value);
        if (!number.matches() || (number.group(2) != null && number.group(3) != null)) {
            return null;
        }
        boolean millis = number.group(2) != null;
        BigDecimal seconds = millis ? new BigDecimal(value).movePointLeft(3) : new BigDecimal(value);
        long whole = seconds.longValue();
        long nanos =
                seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue();
        return new CursorTime(value, Instant.ofEpochSecond(whole, nanos), true);
    }

    /** Whether it is certainly later, in whichever zone it is. */
    boolean isAfter(Instant limit) {
        return at.isAfter(hasZone ? limit : limit.plus(ZONE_MAX));
    }

    /** The value that is so much earlier, written in the same way; the value itself if it has no such small parts. */
    String minus(Duration duration) {
        Instant earlier = at.minus(duration);
        Matcher number = EPOCH.matcher(value);
        if (number.matches()) {
            BigDecimal seconds = BigDecimal.valueOf(duration.toMillis(), 3);
            return new BigDecimal(value)
                    .subtract(number.group(2) == null ? seconds : seconds.movePointRight(3))
                    .setScale(new BigDecimal(value).scale(), RoundingMode.FLOOR)
                    .toPlainString();
        }
        Matcher text = TEXT.matcher(value);
        if (!text.matches()) {
            return value;
        }
        if (text.group(3) == null) {
            return duration.toDays() < 1
                    ? value
                    : LocalDate.ofInstant(earlier, ZoneOffset.UTC).toString();
        }
        ZoneOffset offset = text.group(5) == null ? ZoneOffset.UTC : ZoneOffset.of(text.group(5));
        String zone = text.group(5) == null ? "" : text.group(5);
        return OffsetDateTime.ofInstant(earlier, offset).format(format(text)) + zone;
    }

    private static DateTimeFormatter format(Matcher text) {
        DateTimeFormatterBuilder format =
                new DateTimeFormatterBuilder().appendPattern("yyyy-MM-dd'" + text.group(2) + "'HH:mm");
        if (text.group(3).length() > 5) {
            format.appendPattern(":ss");
        }
        String fraction = text.group(4);
        if (fraction != null) {
            format.appendLiteral(text.group(3).contains(",") ? ',' : '.')
                    .appendFraction(ChronoField.NANO_OF_SECOND, fraction.length(), fraction.length(), false);
        }
        return format.toFormatter(Locale.ROOT);
    }
}
