package dev.serai.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Attempt.Transcript;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.time.ClockStep;
import dev.serai.text.BodyMask;
import dev.serai.text.BodyText;
import dev.serai.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that the admin API answers with: one record for each shape, its fields in the order they are written.
 *
 * <p>Times are RFC 3339 in UTC with milliseconds. An unknown value is null.
 *
 * <p>Threads: safe.
 */
final class ApiJson {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private ApiJson() {}

    record FlowJson(String flow, long accepted, long duplicates, List<TargetJson> targets) {}

    /**
     * {@code waiting} and {@code parked} are the older names of {@code retrying} and {@code blocked}; {@code reason} and {@code
     * since} say why the circuit is not closed.
     */
    record TargetJson(
            String target,
            long position,
            long pending,
            long delivering,
            long retrying,
            long waiting,
            long blocked,
            long parked,
            long dead,
            long delivered,
            double oldestSeconds,
            String circuit,
            boolean paused,
            @Nullable String reason,
            @Nullable String since,
            long timedOut) {}

    record ChangeSummary(
            String flow,
            long sequence,
            String id,
            String key,
            @Nullable String version,
            String operation,
            String acceptedAt,
            List<DeliveryOf> deliveries,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String damage) {}

    /** Has either {@code body}, if it is text, or {@code bodyBase64}; {@code client} is the address of who sent it, {@code traceId} the trace of its {@code traceparent}. */
    record WholeChange(
            @JsonUnwrapped ChangeSummary summary,
            @Nullable String client,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String traceId,

            Map<String, String> headers,
            @Nullable String contentType,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String body,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String bodyBase64,

            List<AttemptAt> attempts) {}

    record DeliveryOf(
            String target,
            String state,
            int attempts,
            @Nullable String dueAt,
            @Nullable String finishedAt,
            @Nullable Integer status,
            @Nullable String error,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer behind) {}

    /** {@code request} and {@code answer} are the beginnings of what was sent and answered, of the newest attempts. */
    record AttemptAt(
            String target,
            int number,
            String at,
            @Nullable Integer status,
            String error,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String request,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String answer) {}

    /** @param damaged what is damaged in the copy, as it is in the ledger */
    record BackupState(String file, String state, long bytes, List<String> damaged) {}

    record CursorAt(String name, String value, String savedAt) {}

    record Paused(String flow, String target, boolean paused) {}

    record Removed(String flow, String target, boolean removed) {}

    /**
     * @param step the last time that the wall clock was set, for an hour after it was seen, or null
     * @param steps how often it was set since the start
     */
    record ClockJson(String now, @Nullable StepJson step, long steps) {}

    /**
     * What was found damaged in the ledger since the start.
     *
     * @param since when the first was found; null, like {@code latest} and {@code text}, if there is none
     * @param text one line for people, which says what to do
     */
    record DamageJson(
            long count,
            @Nullable String since,
            @Nullable String latest,
            @Nullable String text) {}

    /** @param seconds negative for back */
    record StepJson(String at, double seconds, String text) {}

    record Health(String status, List<Check> checks) {}

    record Check(String name, String status, @Nullable String message) {}

    static ClockJson clock(Instant now, @Nullable ClockStep step, long steps) {
        return new ClockJson(
                TIME.format(now),
                step == null
                        ? null
                        : new StepJson(TIME.format(step.at()), step.by().toMillis() / 1000.0, step.toString()),
                steps);
    }

    static DamageJson damage(Store.Damage damage) {
        String text = damage.count() == 0 ? null : damage.toString();
        return new DamageJson(damage.count(), timeOrNull(damage.since()), damage.latest(), text);
    }

    static FlowJson flow(FlowStatus flow, Instant now) {
        return new FlowJson(
                flow.flow(),
                flow.accepted(),
                flow.duplicates(),
                flow.targets().stream().map(t -> target(t, now)).toList());
    }

    private static TargetJson target(TargetStatus t, Instant now) {
        Trouble trouble = t.trouble();
        return new TargetJson(
                t.target(),
                t.position(),
                t.pending(),
                t.delivering(),
                t.waiting(),
                t.waiting(),
                t.parked(),
                t.parked(),
                t.dead(),
                t.delivered(),
                ageSeconds(t.oldest(), now),
                circuit(t.circuit()),
                t.isPaused(),
                trouble == null ? null : trouble.reason(),
                trouble == null ? null : time(trouble.since()),
                t.timedOut());
    }

    static double ageSeconds(@Nullable Instant since, Instant now) {
        return since == null ? 0 : Math.max(0, Duration.between(since, now).toMillis()) / 1000.0;
    }

    private static String circuit(CircuitState state) {
        return switch (state) {
            case CLOSED -> "closed";
            case OPEN -> "open";
            case HALF_OPEN -> "half-open";
        };
    }

    static ChangeSummary change(Entry entry, List<Delivery> deliveries) {
        Change change = entry.change();
        return new ChangeSummary(
                change.flow(),
                entry.sequence(),
                change.id(),
                change.key(),
                change.version(),
                lower(change.operation()),
                time(entry.acceptedAt()),
                deliveries.stream().map(delivery -> delivery(delivery, null)).toList(),
                entry.damage());
    }

    /** @param mask for a body that is not text by its type; all texts are masked when they are written */
    static WholeChange wholeChange(Entry entry, List<Delivery> deliveries, List<Attempt> attempts, BodyMask mask) {
        Change change = entry.change();
        String typed = BodyText.of(change.contentType(), change.body());
        String text = typed == null ? mask.ofBytes(change.body()) : typed;
        TraceContext trace = TraceContext.of(change.headers());
        return new WholeChange(
                change(entry, deliveries),
                change.client(),
                trace == null ? null : trace.traceId(),
                change.passedHeaders(),
                change.contentType(),
                text,
                text == null ? Base64.getEncoder().encodeToString(change.body()) : null,
                attempts.stream().map(ApiJson::attempt).toList());
    }

    static DeliveryOf delivery(Delivery d, @Nullable Integer behind) {
        return new DeliveryOf(
                d.target().target(),
                StateWord.of(d.state()),
                d.attempts(),
                timeOrNull(d.dueAt()),
                timeOrNull(d.finishedAt()),
                d.status(),
                d.error(),
                behind);
    }

    private static AttemptAt attempt(Attempt a) {
        Transcript transcript = a.transcript();
        return new AttemptAt(
                a.target().target(),
                a.number(),
                time(a.at()),
                a.status(),
                a.error(),
                transcript == null ? null : transcript.request(),
                transcript == null ? null : transcript.answer());
    }

    static CursorAt cursor(Cursor cursor) {
        return new CursorAt(cursor.name(), cursor.value(), time(cursor.savedAt()));
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    static @Nullable String timeOrNull(@Nullable Instant time) {
        return time == null ? null : time(time);
    }

    static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }
}
