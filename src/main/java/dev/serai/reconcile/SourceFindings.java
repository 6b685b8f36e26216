package dev.serai.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.LogGap;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.text.ExactJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the source's half of a run has found so far, or that of the last run that compared the source. Times are RFC 3339.
 *
 * @param state never, running, done or failed
 * @param phase of a run under way: following, listing, searching, confirming or repairing
 * @param reason why it failed, or what else there is to say about its end
 * @param read how many records of the source were read
 * @param waitedSeconds how long it has waited, since the machine had other work
 * @param known how many keys were ever accepted, as far as that was read
 * @param missing keys that the source has, and of which nothing was accepted
 * @param stale keys of which the source has another state than the one accepted last, or which it marks as deleted
 * @param extra keys of which something was accepted, and which the source does not have
 * @param differs keys of which the source shows an older version than the one accepted
 * @param pending keys that changed meanwhile
 * @param unknown keys that could not be compared
 * @param repaired keys that were missing or stale, and whose state was accepted from the source
 * @param complete as of the whole report
 * @param completeSince as of the whole report
 * @param differences the first ones, by key; none if it failed
 */
public record SourceFindings(
        String state,
        @Nullable String phase,
        @Nullable String startedAt,
        @Nullable String endedAt,
        @Nullable String reason,
        long read,
        double waitedSeconds,
        long known,
        long keys,
        long equal,
        long missing,
        long stale,
        long extra,
        long differs,
        long pending,
        long unknown,
        long repaired,
        long notRepaired,
        boolean complete,
        @Nullable String completeSince,
        List<DifferenceJson> differences) {
    private static final Logger LOG = LoggerFactory.getLogger(SourceFindings.class);

    /** A source that was never compared. */
    static final SourceFindings NEVER = new SourceFindings(
            "never", null, null, null, null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, true, null, List.of());

    static SourceFindings of(
            Book book, RunProgress run, String state, @Nullable Instant endedAt, @Nullable String reason) {
        RunNotes notes = book.notes();
        LogGap gap = book.gap();
        Map<String, Long> counts = notes.counts();
        long missing = counts.getOrDefault(KeyFinding.MISSING.word(), 0L);
        long stale = counts.getOrDefault(KeyFinding.STALE.word(), 0L);
        long extra = counts.getOrDefault(KeyFinding.EXTRA.word(), 0L);
        long differs = counts.getOrDefault(KeyFinding.DIFFERS.word(), 0L);
        long pending = counts.getOrDefault(KeyFinding.PENDING.word(), 0L);
        long unknown = counts.getOrDefault(KeyFinding.UNKNOWN.word(), 0L);
        long repaired = notes.repaired();
        return new SourceFindings(
                state,
                state.equals("running") ? run.phase.name().toLowerCase(Locale.ROOT) : null,
                time(run.startedAt),
                endedAt == null ? null : time(endedAt),
                reason,
                run.read,
                run.waitedSeconds(),
                book.idEnd(),
                run.equal + missing + stale + extra + differs + pending + unknown,
                run.equal,
                missing,
                stale,
                extra,
                differs,
                pending,
                unknown,
                repaired,
                run.request.mends() ? missing + stale + differs - repaired : 0,
                gap.isNone(),
                gap.end() == null ? null : time(gap.end()),
                List.of());
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** The same with what is read when somebody asks. */
    SourceFindings with(List<DifferenceJson> some) {
        return new SourceFindings(
                state,
                phase,
                startedAt,
                endedAt,
                reason,
                read,
                waitedSeconds,
                known,
                keys,
                equal,
                missing,
                stale,
                extra,
                differs,
                pending,
                unknown,
                repaired,
                notRepaired,
                complete,
                completeSince,
                some);
    }

    /** In one line for the log. */
    String summary() {
        return keys + " keys, " + equal + " equal, " + missing + " missing, " + stale + " stale, " + extra + " extra, "
                + differs + " differ";
    }

    String save() {
        return ExactJson.MAPPER.valueToTree(this).toString();
    }

    /** Reads what {@link #save} wrote; as if there was none if it cannot be read. */
    static SourceFindings of(@Nullable String saved) {
        try {
            return saved == null ? NEVER : ExactJson.MAPPER.readValue(saved, SourceFindings.class);
        } catch (JsonProcessingException e) {
            LOG.warn(
                    "What the last run found at the source cannot be read, so it is as if there was none: {}",
                    e.getOriginalMessage());
            return NEVER;
        }
    }
}
