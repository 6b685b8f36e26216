package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowArraysTest {
    private static final Pattern COLUMNS = Pattern.compile("INSERT INTO \\w+ \\([^)]*\\)");

    private final PostgresDialect dialect = new PostgresDialect();

    private static Map<String, List<@Nullable Object[]>> rows(int inserts, int updates) {
        Map<String, List<@Nullable Object[]>> rows = new LinkedHashMap<>();
        rows.put("insertPayload", Collections.nCopies(inserts, new Object[5]));
        rows.put("countFlow", Collections.nCopies(updates, new Object[3]));
        return rows;
    }

    private static String columns(String statement) {
        Matcher found = COLUMNS.matcher(statement);
        assertThat(found.find()).isTrue();
        return found.group();
    }

    @Test
    void insertedRowsAreOneStatementAndEachUpdateIsOneAndTheCommitIsTheLast() {
        assertThat(new RowArrays(dialect, rows(40, 2), true).text().split(";\n"))
                .containsExactly(
                        dialect.sql().get("insertPayloadArrays"),
                        dialect.sql().get("countFlow"),
                        dialect.sql().get("countFlow"),
                        "COMMIT");
    }

    @Test
    void manyUpdatesAreNotOneText() {
        assertThat(RowArrays.fits(rows(40, 4))).isTrue();
        assertThat(RowArrays.fits(rows(1, 5))).isFalse();
        assertThat(RowArrays.fits(Map.of())).isFalse();
    }

    @Test
    void arraysHaveTheColumnsOfTheStatementThatWritesOneRow() {
        for (String name : List.of("insertChange", "insertPayload", "insertDelivery")) {
            String arrays = dialect.sql().get(name + "Arrays");
            assertThat(columns(arrays)).isEqualTo(columns(dialect.sql().get(name)));
            assertThat(arrays.split("CAST\\(\\? AS ")).hasSize(columns(arrays).split(",").length + 1);
        }
    }
}
