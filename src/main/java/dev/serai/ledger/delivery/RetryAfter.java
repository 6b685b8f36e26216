package dev.serai.ledger.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How long the other side asked to be left alone, at most {@link RedeliveryPolicy#RETRY_AFTER_MAX}. Whoever waits takes the
 * longer of this and its own delay, so zero and a time that is over ask for nothing.
 *
 * @param delay not negative; null if nothing was asked, or nothing that can be read
 * @param note for the end of the error text: empty unless the wait was cut
 */
public record RetryAfter(@Nullable Duration delay, String note) {
    private static final RetryAfter NONE = new RetryAfter(null, "");

    /**
     * The value of the header {@code Retry-After}: seconds or a date (RFC 9110, 10.2.3).
     *
     * @param date the answer's header {@code Date}, if it has one: by that clock the other side reckons
     * @param now by this machine's clock
     */
    public static RetryAfter of(@Nullable String value, @Nullable String date, Instant now) {
        String text = value == null ? "" : value.strip();
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return ofSeconds(Double.parseDouble(text));
        }
        Instant until = time(text);
        if (until == null) {
            return NONE;
        }
        Instant sent = time(date == null ? "" : date.strip());
        return ofSeconds(Duration.between(sent == null ? now : sent, until).toSeconds());
    }

    public static RetryAfter ofSeconds(double seconds) {
        if (!(seconds > 0)) {
            return seconds <= 0 ? new RetryAfter(Duration.ZERO, "") : NONE;
        }
        Duration most = RedeliveryPolicy.RETRY_AFTER_MAX;
        if (seconds > most.toSeconds()) {
            return new RetryAfter(most, String.format(Locale.ROOT, " (it asked to be left alone for %.3g s)", seconds));
        }
        return new RetryAfter(Duration.ofMillis(Math.round(seconds * 1000)), "");
    }

    private static @Nullable Instant time(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
