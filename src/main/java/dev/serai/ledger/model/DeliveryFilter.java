package dev.serai.ledger.model;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Selects deliveries that wait or are dead; a delivery must match every part that is set.
 *
 * @param keys any of these, or all when empty
 * @param sequences any of these, or all when empty
 * @param error text that the error contains, ignoring case
 * @param cause the hash of the cause that it failed with
 * @param status what the target answered last
 * @param since dead letters given up at this time or later, others accepted at this time or later
 * @param until before this time; otherwise as {@code since}
 */
public record DeliveryFilter(
        @Nullable String flow,
        @Nullable String target,
        List<String> keys,
        List<Long> sequences,
        @Nullable String error,
        @Nullable Long cause,
        @Nullable Integer status,
        @Nullable Instant since,
        @Nullable Instant until) {

    public static final DeliveryFilter ALL = new DeliveryFilter(null, null, List.of(), List.of(), null, null);

    public DeliveryFilter(
            @Nullable String flow,
            @Nullable String target,
            List<String> keys,
            List<Long> sequences,
            @Nullable String error,
            @Nullable Instant since) {
        this(flow, target, keys, sequences, error, null, null, since, null);
    }

    /** Whether the filter can match deliveries to this target. */
    public boolean covers(TargetName name) {
        return (flow == null || flow.equals(name.flow())) && (target == null || target.equals(name.target()));
    }

    /** The same filter, limited to one target. */
    public DeliveryFilter within(TargetName name) {
        return new DeliveryFilter(name.flow(), name.target(), keys, sequences, error, cause, status, since, until);
    }

    /** Those of them that were given up before a time. */
    public DeliveryFilter before(Instant end) {
        Instant earlier = until == null || end.isBefore(until) ? end : until;
        return new DeliveryFilter(flow, target, keys, sequences, error, cause, status, since, earlier);
    }

    /**
     * Whether a delivery matches in all but its cause, which the store looks for.
     *
     * @param time when it was given up, or else when its change was accepted
     */
    public boolean matches(
            TargetName name,
            String key,
            long sequence,
            Instant time,
            @Nullable Integer itsStatus,
            @Nullable String text) {
        return covers(name)
                && (keys.isEmpty() || keys.contains(key))
                && (sequences.isEmpty() || sequences.contains(sequence))
                && (since == null || !time.isBefore(since))
                && (until == null || time.isBefore(until))
                && (status == null || Objects.equals(status, itsStatus))
                && (error == null
                        || (text != null && text.toLowerCase(Locale.ROOT).contains(error.toLowerCase(Locale.ROOT))));
    }
}
