package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.RecordingTarget.Arrival;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/** Checks that must succeed after a load, even if the process was killed meanwhile. */
public final class LoadOracle {
    private LoadOracle() {}

    /** All acknowledged changes arrive unchanged and in order per key. */
    public static void expectAllDelivered(LoadSource source, RecordingTarget target) {
        target.failing(0);
        assertThat(source.unexpected()).isEmpty();
        assertThat(source.acknowledged()).isNotEmpty();
        Awaitility.await()
                .untilAsserted(() -> assertThat(source.acknowledged().keySet()).allMatch(target::has));
        assertThat(target.contradictions()).isEmpty();
        Map<String, Long> sequences = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (Arrival arrival : target.firsts()) {
            assertThat(arrival.body()).isEqualTo(source.sent().get(arrival.id()));
            long before = sequences.getOrDefault(arrival.key(), 0L);
            assertThat(arrival.sequence()).as(arrival.toString()).isGreaterThan(before);
            sequences.put(arrival.key(), arrival.sequence());
            int number = Integer.parseInt(arrival.id().substring(arrival.id().indexOf('-') + 1));
            assertThat(number).as(arrival.toString()).isEqualTo(numbers.merge(arrival.key(), 1, Integer::sum));
        }
    }

    /** The ledger of a stopped process is undamaged and contains each acknowledged change once. */
    public static void expectSoundLedger(Path file, LoadSource source) throws SQLException {
        try (Connection ledger = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = ledger.createStatement()) {
            assertThat(first(statement, "PRAGMA integrity_check")).isEqualTo("ok");
            long changes = Long.parseLong(first(statement, "SELECT COUNT(*) FROM change"));
            assertThat(changes).isBetween((long) source.acknowledged().size(), (long)
                    source.sent().size());
            assertThat(first(statement, "SELECT COUNT(DISTINCT id) FROM change"))
                    .isEqualTo(String.valueOf(changes));
            assertThat(first(statement, "SELECT accepted FROM flow")).isEqualTo(String.valueOf(changes));
            assertThat(first(statement, "SELECT COUNT(*) FROM delivery WHERE state = 1"))
                    .isEqualTo(first(statement, "SELECT delivered FROM target"));
        }
    }

    private static String first(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }
}
