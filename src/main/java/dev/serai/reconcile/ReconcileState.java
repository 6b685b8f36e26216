package dev.serai.reconcile;

import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.book.RunNotes.OpenDifferences;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a reconciliation is.
 *
 * @param word {@link #OK}, {@link #DIFFERS} or {@link #FAILING}
 * @param since when the trouble began; null if it is ok
 * @param reason what the trouble is; null if it is ok
 * @param verifiedThrough what was accepted up to then is equal, and agrees with the source if that is compared; null if that is
 *     not known
 * @param differing how many keys of the target are missing, stale or different, and were not repaired
 * @param source how the source is; null if it is not compared
 */
public record ReconcileState(
        String name,
        TargetName target,
        String word,
        @Nullable Instant since,
        @Nullable String reason,
        @Nullable Instant verifiedThrough,
        long differing,
        @Nullable ComparedSource source) {
    /**
     * How the source's half is.
     *
     * @param word as that of the whole
     * @param differing how many keys are missing, stale, different or extra, and were not repaired
     */
    public record ComparedSource(String word, long differing) {}

    /**
     * What is compared with the ledger.
     *
     * @param name target or source
     */
    public record Side(TargetName target, String name) {}

    public static final String OK = "ok";
    /** Keys are missing, stale or different, and were not repaired. */
    public static final String DIFFERS = "differs";
    /** The last run failed, or the book cannot follow the ledger. */
    public static final String FAILING = "failing";

    /** Tells how many keys of each side differ. */
    public void eachSide(BiConsumer<Side, Long> told) {
        told.accept(new Side(target, "target"), differing);
        if (source != null) {
            told.accept(new Side(target, "source"), source.differing());
        }
    }

    /** Of one whose books cannot be read here. */
    static ReconcileState unknown(ReconcileFile file, String reason, Instant since) {
        return new ReconcileState(file.name(), file.target(), FAILING, since, reason, null, 0, null);
    }

    /** @param failing why it cannot tell; null if it can */
    static ReconcileState of(
            ReconcileFile file, VerifiedMark mark, @Nullable SourceRuns source, @Nullable Trouble failing) {
        List<Trouble> differing = new ArrayList<>();
        OpenDifferences open = mark.open();
        if (open.keys() > 0) {
            differing.add(new Trouble(keys(open) + " missing, stale or different", open.since()));
        }
        OpenDifferences there = source == null ? null : source.open();
        if (there != null && there.keys() > 0) {
            differing.add(new Trouble(
                    keys(there) + " not as in the source: missing, stale, different or extra here", there.since()));
        }
        List<Trouble> troubles = failing == null ? differing : List.of(failing);
        String word = failing == null ? DIFFERS : FAILING;
        return new ReconcileState(
                file.name(),
                file.target(),
                troubles.isEmpty() ? OK : word,
                troubles.stream()
                        .map(Trouble::since)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                troubles.isEmpty()
                        ? null
                        : troubles.stream().map(Trouble::reason).collect(Collectors.joining("; ")),
                mark.through(),
                open.keys(),
                source == null ? null : source.state());
    }

    private static String keys(OpenDifferences open) {
        return open.keys() + (open.keys() == 1 ? " key is" : " keys are");
    }
}
