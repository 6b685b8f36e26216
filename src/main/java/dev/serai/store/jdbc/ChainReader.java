package dev.serai.store.jdbc;

import dev.serai.ledger.history.ChainReads;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of the counted attempts.
 *
 * <p>Threads: safe.
 */
final class ChainReader implements ChainReads {
    private final HistoryReader.Access access;

    ChainReader(HistoryReader.Access access) {
        this.access = access;
    }

    /** How a length is stored. */
    static int code(ChainWindow window) {
        return (int) window.length().toMinutes();
    }

    @Override
    public Map<Integer, Long> transitions(
            ChainWindow window, String flow, String target, Instant since, Instant until) {
        Map<Integer, Long> sums = new TreeMap<>();
        int step = code(window);
        long first = HistoryReader.minutes(window.floor(since));
        long last = HistoryReader.minutes(window.floor(until.minusMillis(1)));
        if (first > last) {
            return sums;
        }
        access.read(session -> {
            session.each(
                    "transitions",
                    row -> {
                        sums.merge(row.getInt("cell"), row.getLong("number"), Long::sum);
                        return true;
                    },
                    first,
                    step,
                    last,
                    step,
                    flow,
                    target);
            return true;
        });
        return sums;
    }

    @Override
    public Optional<Instant> oldestTransition(ChainWindow window) {
        return access.read(session -> {
            @Nullable Long at = session.first("oldestTransition", row -> row.getLong("at"), code(window));
            return at == null ? Optional.empty() : Optional.of(HistoryReader.time(at));
        });
    }

    @Override
    public List<PeriodRow> regimes(String flow, String target, int limit) {
        return access.read(session -> session.list(
                "regimes",
                row -> new PeriodRow(
                        row.getString("regime"),
                        Objects.requireNonNull(Rows.instant(row, "started")),
                        Objects.requireNonNull(Rows.instant(row, "until")),
                        row.getInt("ended") == 1),
                flow,
                target,
                limit));
    }

    @Override
    public List<ScoreRow> scores(String flow, String target, Instant since) {
        return access.read(session -> session.list(
                "scores",
                row -> new ScoreRow(
                        row.getInt("col"), row.getLong("attempts"), row.getDouble("brier"), row.getDouble("log_loss")),
                flow,
                target,
                HistoryReader.minutes(ChainWindow.DAY.floor(since))));
    }
}
