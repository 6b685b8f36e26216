package dev.serai.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select deliveries; one must match every option that is set. */
public final class FilterArguments {
    private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

    @Option(
            names = "--flow",
            paramLabel = "FLOW",
            completionCandidates = NameCandidates.Flows.class,
            description = "Of this flow.")
    private @Nullable String flow;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            completionCandidates = NameCandidates.Targets.class,
            description = "For this target.")
    private @Nullable String target;

    @Option(names = "--key", paramLabel = "KEY", description = "Of this key, repeatable.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--sequence", paramLabel = "N", description = "With this sequence, repeatable.")
    private List<Long> sequences = new ArrayList<>();

    @Option(names = "--error", paramLabel = "TEXT", description = "Whose error contains this text.")
    private @Nullable String error;

    @Option(
            names = "--cause",
            paramLabel = "CAUSE",
            description = "That failed for this cause: its id or its text, as stuck --causes shows them.")
    private @Nullable String cause;

    @Option(names = "--status", paramLabel = "N", description = "To which the target answered this HTTP status last.")
    private @Nullable Integer status;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Given up since (what waits: accepted since): an RFC 3339 time, or how long ago, such as 30m, 2h, 7d.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Before this time; otherwise as --since.")
    private @Nullable String until;

    /** Whether none of the options is set. */
    public boolean isEmpty() {
        return keys.isEmpty()
                && sequences.isEmpty()
                && Stream.of(flow, target, error, cause, status, since, until).allMatch(Objects::isNull);
    }

    /** @param text what the API calls the text that the error contains */
    public AdminClient.Query query(String path, String text) {
        return new AdminClient.Query(path)
                .with("flow", flow)
                .with("target", target)
                .withAll("key", keys)
                .withAll("sequence", sequences)
                .with(text, error)
                .with("cause", cause)
                .with("status", status)
                .with("since", time("--since", since))
                .with("until", time("--until", until));
    }

    public AdminClient.Query causes() {
        return new AdminClient.Query("/api/causes").with("flow", flow).with("target", target);
    }

    public void write(ObjectNode body) {
        put(body, "flow", flow);
        put(body, "target", target);
        keys.forEach(body.withArray("keys")::add);
        sequences.forEach(body.withArray("sequences")::add);
        put(body, "error", error);
        put(body, "cause", cause);
        if (status != null) {
            body.put("status", status);
        }
        put(body, "since", text(time("--since", since)));
        put(body, "until", text(time("--until", until)));
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private static @Nullable Instant time(String option, @Nullable String text) {
        return text == null ? null : time(option, text, Clock.systemUTC());
    }

    public static Instant time(String option, String text, Clock clock) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return clock.instant().minus(duration(Long.parseLong(ago.group(1)), ago.group(2)));
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    option + " " + text + " is neither a time such as 2026-01-31T08:00:00Z nor 30m, 2h, 7d");
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
