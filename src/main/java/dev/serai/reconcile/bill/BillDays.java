package dev.serai.reconcile.bill;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The days of bills, which are days in China. */
final class BillDays {
    static final ZoneOffset CHINA = ZoneOffset.ofHours(8);

    /** WeChat Pay and Alipay make a day's bill until 10:00 of the next day. */
    private static final Duration DUE_AFTER = Duration.ofHours(10);

    private static final long MILLIS_FROM = 100_000_000_000L;

    private BillDays() {}

    static Instant begin(LocalDate day) {
        return day.atStartOfDay().toInstant(CHINA);
    }

    /** When a day's bill is available. */
    static Instant dueAt(LocalDate day) {
        return begin(day.plusDays(1)).plus(DUE_AFTER);
    }

    /** The newest day whose bill is available. */
    static LocalDate newest(Instant now) {
        return now.atOffset(CHINA).minus(DUE_AFTER).toLocalDate().minusDays(1);
    }

    /**
     * A time as platforms write it: RFC 3339, {@code 2026-11-20 10:34:56} in China, or seconds or milliseconds since 1970; null if
     * it is none of these.
     */
    static @Nullable Instant instant(String text) {
        String time = text.strip();
        try {
            if (time.matches("\\d{1,15}")) {
                long number = Long.parseLong(time);
                return number < MILLIS_FROM ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
            }
            String iso = time.replace(' ', 'T');
            return iso.matches(".*T.*(Z|[+-]\\d\\d:?\\d\\d)")
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).toInstant(CHINA);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
