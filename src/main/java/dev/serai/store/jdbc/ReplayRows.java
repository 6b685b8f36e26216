package dev.serai.store.jdbc;

import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Maps the rows of replays. Lists are kept with one value to a line; in values a line end is {@code \n} and a backslash is doubled. */
public final class ReplayRows {
    private ReplayRows() {}

    /** The parameters that write what {@link #read} reads. */
    public static @Nullable Object[] columns(Replay replay) {
        DeliveryFilter filter = replay.filter();
        return new @Nullable Object[] {
            replay.id(),
            filter.flow(),
            filter.target(),
            joined(filter.keys()),
            joined(filter.sequences()),
            filter.error(),
            filter.cause(),
            filter.status(),
            Rows.millis(filter.since()),
            Rows.millis(filter.until()),
            replay.rate(),
            replay.startedAt().toEpochMilli(),
            Rows.millis(replay.endedAt()),
            replay.state().ordinal(),
            replay.reason(),
            replay.matched(),
            replay.moved(),
            replay.settled(),
            replay.failed()
        };
    }

    public static Replay read(ResultSet row) throws SQLException {
        DeliveryFilter filter = new DeliveryFilter(
                row.getString("flow"),
                row.getString("target"),
                split(row.getString("keys")),
                split(row.getString("sequences")).stream().map(Long::valueOf).toList(),
                row.getString("error"),
                number(row, "cause"),
                Rows.integer(row, "status"),
                Rows.instant(row, "since"),
                Rows.instant(row, "until"));
        return new Replay(
                row.getLong("id"),
                filter,
                row.getDouble("rate"),
                ReplayState.values()[row.getInt("state")],
                Objects.requireNonNull(Rows.instant(row, "started_at")),
                Rows.instant(row, "ended_at"),
                row.getString("reason"),
                row.getLong("matched"),
                row.getLong("moved"),
                row.getLong("settled"),
                row.getLong("failed"));
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }

    static String joined(List<?> values) {
        StringBuilder text = new StringBuilder();
        values.forEach(
                value -> text.append(value.toString().replace("\\", "\\\\").replace("\n", "\\n"))
                        .append('\n'));
        return text.toString();
    }

    static List<String> split(String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.split("\n", -1))
                        .subList(0, (int) text.chars().filter(c -> c == '\n').count())
                        .stream()
                        .map(ReplayRows::unescaped)
                        .toList();
    }

    private static String unescaped(String line) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\') {
                i++;
                text.append(line.charAt(i) == 'n' ? '\n' : line.charAt(i));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
