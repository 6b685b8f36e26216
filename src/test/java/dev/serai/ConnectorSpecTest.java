package dev.serai;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/connector-spec.md that say which tests hold what a connector promises. */
class ConnectorSpecTest {
    private static final Path PAGE = Path.of("docs/connector-spec.md");
    private static final String KIND = "| kind |";
    private static final Pattern TEST =
            Pattern.compile("@(?:Parameterized)?Test\\b.*?\\bvoid (\\w+)\\(", Pattern.DOTALL);
    /** Words in camel case of at least three parts: no option is as long. */
    private static final Pattern NAMED = Pattern.compile("`([a-z]+(?:[A-Z][a-z0-9]*){3,})`");

    private static List<String> rows() throws IOException {
        List<String> rows = new ArrayList<>();
        boolean isTable = false;
        for (String line : Files.readAllLines(PAGE)) {
            isTable = line.startsWith("|") && (isTable || line.startsWith(KIND));
            if (isTable && !line.startsWith("|---")) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static Set<String> tests() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> TEST.matcher(read(file)).results())
                    .map(found -> found.group(1))
                    .collect(toSet());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> cells(String row) {
        List<String> cells =
                Stream.of(row.split("(?<!\\\\)\\|")).map(String::strip).toList();
        return cells.subList(1, cells.size());
    }

    private static List<String> named(String text) {
        return NAMED.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Test
    void eachTestThatTheTablesNameExists() throws IOException {
        List<String> named = rows().stream().flatMap(row -> named(row).stream()).toList();

        assertThat(named).hasSizeGreaterThan(50);
        assertThat(tests()).containsAll(named);
    }

    @Test
    void eachKindIsHeldByATestAndEachCellSaysSomething() throws IOException {
        int columns = 0;
        for (String row : rows()) {
            if (row.startsWith(KIND)) {
                columns = cells(row).size();
                continue;
            }
            assertThat(cells(row)).as(row).hasSize(columns).noneMatch(String::isEmpty);
            assertThat(named(row)).as(row).isNotEmpty();
        }
    }

    @Test
    void eachSourceAndSinkHasAColumn() throws IOException {
        String heads = String.join(
                "", rows().stream().filter(row -> row.startsWith(KIND)).toList());
        try (Stream<Path> kamelets = Files.list(Path.of("kamelets"))) {
            assertThat(kamelets.map(file -> file.getFileName().toString().replace(".kamelet.yaml", "")))
                    .allSatisfy(name -> assertThat(heads).contains("`" + name + "`"));
        }
    }
}
