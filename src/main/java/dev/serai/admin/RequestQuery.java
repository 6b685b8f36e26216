package dev.serai.admin;

import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The query of a request, read strictly: a misspelt filter must not mean "all". */
final class RequestQuery {
    private static final Instant YEAR_0 = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

    private final MultiMap parameters;

    RequestQuery(MultiMap parameters, String... known) {
        this.parameters = parameters;
        TreeSet<String> unknown = new TreeSet<>(parameters.names());
        unknown.removeAll(List.of(known));
        if (!unknown.isEmpty()) {
            throw AdminProblem.badRequest("unknown query parameter " + unknown.first() + ": "
                    + (known.length == 0 ? "this request takes none" : "use " + String.join(", ", known)));
        }
    }

    /** The value of a parameter, or null when it is not given or empty. */
    @Nullable String text(String name) {
        List<String> values = parameters.getAll(name);
        if (values.size() > 1) {
            throw AdminProblem.badRequest("the query parameter " + name + " is given more than once");
        }
        return values.isEmpty() || values.get(0).isEmpty() ? null : values.get(0);
    }

    List<String> texts(String name) {
        return List.copyOf(parameters.getAll(name));
    }

    List<Long> numbers(String name) {
        return parameters.getAll(name).stream()
                .map(value -> number(name, value, 0, Long.MAX_VALUE))
                .toList();
    }

    long number(String name, long fallback, long min, long max) {
        String value = text(name);
        return value == null ? fallback : number(name, value, min, max);
    }

    @Nullable Instant time(String name) {
        String value = text(name);
        return value == null ? null : time(name, value);
    }

    static long number(String name, String value, long min, long max) {
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below, like a number out of range.
        }
        String range =
                max == Long.MAX_VALUE ? "a whole number from " + min : "a whole number from " + min + " to " + max;
        throw AdminProblem.badRequest(name + " must be " + range);
    }

    static Instant time(String name, String value) {
        try {
            // In milliseconds, as the ledger keeps times.
            Instant time = OffsetDateTime.parse(value).toInstant().truncatedTo(ChronoUnit.MILLIS);
            if (!time.isBefore(YEAR_0) && time.isBefore(YEAR_10000)) {
                return time;
            }
        } catch (DateTimeParseException e) {
            // Answered below, like a year that RFC 3339 does not have.
        }
        throw AdminProblem.badRequest(name + " must be an RFC 3339 time such as 2026-01-31T08:00:00Z");
    }
}
