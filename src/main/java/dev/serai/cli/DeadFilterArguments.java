package dev.serai.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select dead letters; a dead letter must match every option that is set. */
final class DeadFilterArguments {
    private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

    @Option(names = "--flow", paramLabel = "FLOW", description = "Of this flow.")
    private @Nullable String flow;

    @Option(names = "--target", paramLabel = "TARGET", description = "For this target.")
    private @Nullable String target;

    @Option(names = "--key", paramLabel = "KEY", description = "Of this key, repeatable.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--sequence", paramLabel = "N", description = "With this sequence, repeatable.")
    private List<Long> sequences = new ArrayList<>();

    @Option(names = "--error", paramLabel = "TEXT", description = "Whose error contains this text.")
    private @Nullable String error;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Given up since: an RFC 3339 time, or how long ago, such as 30m, 2h, 7d.")
    private @Nullable String since;

    AdminClient.Query query() {
        return new AdminClient.Query("/api/dead")
                .with("flow", flow)
                .with("target", target)
                .withAll("key", keys)
                .withAll("sequence", sequences)
                .with("error", error)
                .with("since", sinceTime());
    }

    void write(ObjectNode body) {
        put(body, "flow", flow);
        put(body, "target", target);
        keys.forEach(body.withArray("keys")::add);
        sequences.forEach(body.withArray("sequences")::add);
        put(body, "error", error);
        Instant time = sinceTime();
        put(body, "since", time == null ? null : time.toString());
    }

    private static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private @Nullable Instant sinceTime() {
        return since == null ? null : time(since, Clock.systemUTC());
    }

    static Instant time(String text, Clock clock) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return clock.instant().minus(duration(Long.parseLong(ago.group(1)), ago.group(2)));
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new CliException(
                    Cli.USAGE, "--since " + text + " is neither a time such as 2026-01-31T08:00:00Z nor 30m, 2h, 7d");
        }
    }

    private static Duration duration(long count, String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
