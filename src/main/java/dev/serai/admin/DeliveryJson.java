package dev.serai.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.serai.admin.ApiJson.ChangeSummary;
import dev.serai.admin.ApiJson.DeliveryOf;
import dev.serai.ledger.DeliverySearch;
import dev.serai.ledger.DeliverySearch.FoundDelivery;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Store.CauseCount;
import dev.serai.ledger.model.Store.Replay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of deliveries that have not ended well, and of what is done about them; as {@link ApiJson}.
 *
 * <p>Threads: safe.
 */
final class DeliveryJson {
    private DeliveryJson() {}

    record Dead(
            String flow,
            String target,
            long sequence,
            String id,
            String key,
            @Nullable String version,
            String operation,
            String acceptedAt,
            int attempts,
            @Nullable String diedAt,
            @Nullable Integer status,
            String error) {}

    /**
     * @param id stands for the cause in filters
     * @param perMinute how many of them failed within the last 5 minutes, divided by 5; a change that failed several times counts
     *     once
     * @param example the error of the oldest, as it was
     */
    record CauseJson(
            String cause,
            String id,
            String flow,
            String target,
            String state,
            long count,
            double perMinute,
            String firstAt,
            String lastAt,
            long keys,
            String example,
            long exampleSequence) {}

    /**
     * @param moved how many were made due
     * @param left how many are still to be made due
     * @param open how many are due and have no outcome yet, as far as is known
     */
    record ReplayJson(
            long id,
            String state,
            @Nullable String reason,
            String startedAt,
            @Nullable String endedAt,
            double rate,
            long matched,
            long moved,
            long settled,
            long failed,
            long open,
            long left,
            FilterJson filter) {}

    record FilterJson(
            @Nullable String flow,
            @Nullable String target,
            List<String> keys,
            List<Long> sequences,
            @Nullable String error,
            @Nullable String cause,
            @Nullable Integer status,
            @Nullable String since,
            @Nullable String until) {}

    /** What came of a request that changes deliveries. */
    sealed interface Acted {
        /** How many it changed, or is going to. */
        long count();
    }

    /**
     * @param running whether the replay continues after this answer; then {@code replayed} is 0
     * @param id of the replay, unless all were made due at once
     */
    record Replayed(
            long matched,
            long replayed,
            boolean running,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long id) implements Acted {
        @Override
        public long count() {
            return running ? matched : replayed;
        }
    }

    record Discarded(long matched, long replayed, long discarded) implements Acted {
        @Override
        public long count() {
            return discarded;
        }
    }

    record Retried(long matched, long retried) implements Acted {
        @Override
        public long count() {
            return retried;
        }
    }

    /** @param delivering how many are under way, and are skipped if their attempt fails */
    record Skipped(long matched, long skipped, long delivering) implements Acted {
        @Override
        public long count() {
            return skipped + delivering;
        }
    }

    static Dead dead(FoundDelivery found) {
        Change change = found.entry().change();
        Delivery delivery = found.delivery();
        String error = delivery.error();
        return new Dead(
                delivery.target().flow(),
                delivery.target().target(),
                found.entry().sequence(),
                change.id(),
                change.key(),
                change.version(),
                ApiJson.lower(change.operation()),
                ApiJson.time(found.entry().acceptedAt()),
                delivery.attempts(),
                ApiJson.timeOrNull(delivery.finishedAt()),
                delivery.status(),
                error == null ? "" : error);
    }

    /** A change with the one delivery that was looked for. */
    static ChangeSummary change(FoundDelivery found) {
        ChangeSummary all = ApiJson.change(found.entry(), List.of());
        DeliveryOf delivery = ApiJson.delivery(found.delivery(), found.behind());
        return new ChangeSummary(
                found.delivery().target().flow(),
                all.sequence(),
                all.id(),
                all.key(),
                all.version(),
                all.operation(),
                all.acceptedAt(),
                List.of(delivery),
                all.damage());
    }

    static CauseJson cause(CauseCount count) {
        return new CauseJson(
                Cause.of(count.status(), count.error()).text(),
                Cause.id(count.cause()),
                count.target().flow(),
                count.target().target(),
                StateWord.of(count.state()),
                count.count(),
                (double) count.recent() / DeliverySearch.RECENT.toMinutes(),
                ApiJson.time(count.first()),
                ApiJson.time(count.last()),
                count.keys(),
                count.error(),
                count.example());
    }

    static ReplayJson replay(Replay replay) {
        return new ReplayJson(
                replay.id(),
                ApiJson.lower(replay.state()),
                replay.reason(),
                ApiJson.time(replay.startedAt()),
                ApiJson.timeOrNull(replay.endedAt()),
                replay.rate(),
                replay.matched(),
                replay.moved(),
                replay.settled(),
                replay.failed(),
                Math.max(0, replay.moved() - replay.settled() - replay.failed()),
                Math.max(0, replay.matched() - replay.moved()),
                filter(replay.filter()));
    }

    private static FilterJson filter(DeliveryFilter filter) {
        Long cause = filter.cause();
        return new FilterJson(
                filter.flow(),
                filter.target(),
                filter.keys(),
                filter.sequences(),
                filter.error(),
                cause == null ? null : Cause.id(cause),
                filter.status(),
                ApiJson.timeOrNull(filter.since()),
                ApiJson.timeOrNull(filter.until()));
    }
}
