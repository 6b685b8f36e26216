package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.support.KameletFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of the documents match the code, and their links are valid. */
class DocsTest {
    private static final Path DOCS = Path.of("docs");
    private static final String NONE = "—";
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git", "data");

    private static final Path PACKAGES = Path.of("src/main/java/dev/serai");
    /** A class, before it its package below {@code dev.serai}, behind it a member, if the document names them. */
    private static final Pattern CLASS =
            Pattern.compile("(?<![\\w.-])(?:dev\\.serai\\.)?((?:[a-z]\\w*\\.)*)([A-Z][a-z]\\w*)(?:\\.(\\w+))?");
    /** Names of two words or more are those of classes, but for Camel's headers. */
    private static final Pattern TWO_WORDS =
            Pattern.compile("(?!Camel(?:Http|Kafka|Ledger|Rest))(?:[A-Z][a-z0-9]+){2,}");
    /** How a scheme would be called that somebody adds. */
    private static final Set<String> EXAMPLES = Set.of("GitlabFactory", "GitlabScheme");

    /** As {@link #readSources}. */
    private static Map<String, String> sources;

    // ---- Reading the documents

    /** The lines from a heading to the next one of its level or above. */
    private static List<String> section(Path file, String heading) throws IOException {
        String level = heading.substring(0, heading.indexOf(' '));
        List<String> lines = Files.readAllLines(file);
        int start = lines.indexOf(heading);
        assertThat(start).as("%s has the heading %s", file, heading).isNotNegative();
        return lines.subList(start + 1, lines.size()).stream()
                .takeWhile(line -> !line.matches("#{1," + level.length() + "} .*"))
                .toList();
    }

    /** The rows of the section's table whose header begins with this text, as cells. */
    private static List<List<String>> table(Path file, String heading, String header) throws IOException {
        List<List<String>> rows = section(file, heading).stream()
                .dropWhile(line -> !line.startsWith("| " + header + " |"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .map(DocsTest::cells)
                .toList();
        assertThat(rows).as("%s, %s: the table of %s", file, heading, header).isNotEmpty();
        return rows;
    }

    private static List<String> cells(String line) {
        return Stream.of(line.strip().substring(1).split("(?<!\\\\)\\|", -1))
                .map(String::strip)
                .toList();
    }

    private static List<String> codes(String cell) {
        return CODE.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** The second column by the first, both without their backticks. */
    private static Map<String, String> defaults(Path file, String heading, String header) throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (List<String> row : table(file, heading, header)) {
            assertThat(codes(row.get(0))).as("%s: %s", file, row).hasSize(1);
            defaults.put(codes(row.get(0)).get(0), row.get(1).replace("`", ""));
        }
        return defaults;
    }

    // ---- Options of the components

    /** The options that Camel's plugin generated from a component's annotations. */
    private static JsonNode component(String scheme) throws IOException {
        Properties service = new Properties();
        try (InputStream in = resource("META-INF/services/org/apache/camel/component/" + scheme)) {
            service.load(in);
        }
        String packageName = service.getProperty("class").replaceFirst("\\.[^.]+$", "");
        try (InputStream in = resource("META-INF/" + packageName.replace('.', '/') + "/" + scheme + ".json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(DocsTest.class.getClassLoader().getResourceAsStream(name), name);
    }

    private static Map<String, String> optionsOf(JsonNode component, String label) {
        Map<String, String> options = new TreeMap<>();
        component.path("properties").fields().forEachRemaining(option -> {
            if (option.getValue().path("label").asText().equals(label)) {
                options.put(option.getKey(), defaultOf(option.getValue()));
            }
        });
        return options;
    }

    private static String defaultOf(JsonNode option) {
        JsonNode value = option.path("defaultValue");
        if (value.isMissingNode()) {
            return option.path("type").asText().equals("number") ? "0" : NONE;
        }
        return value.asText().replaceFirst("^(\\d+)\\.0$", "$1");
    }

    @Test
    void theLedgersPageHasEveryOptionWithItsDefault() throws IOException {
        Path page = DOCS.resolve("ledger.md");
        JsonNode ledger = component("ledger");

        assertThat(defaults(page, "### Producer options", "option"))
                .containsExactlyInAnyOrderEntriesOf(optionsOf(ledger, "producer"));
        assertThat(defaults(page, "### Consumer options", "option"))
                .containsExactlyInAnyOrderEntriesOf(optionsOf(ledger, "consumer"));
    }

    @Test
    void theLedgersPageHasEveryHeader() throws IOException {
        Path page = DOCS.resolve("ledger.md");
        Set<String> producer = new TreeSet<>();
        Set<String> consumer = new TreeSet<>();
        component("ledger").path("headers").fields().forEachRemaining(header -> {
            String label = header.getValue().path("label").asText();
            if (!label.equals("consumer")) {
                producer.add(header.getKey());
            }
            if (!label.equals("producer")) {
                consumer.add(header.getKey());
            }
        });

        assertThat(defaults(page, "### Headers after the producer", "header").keySet())
                .containsExactlyInAnyOrderElementsOf(producer);
        assertThat(defaults(page, "### Headers of the consumer's route", "header")
                        .keySet())
                .containsExactlyInAnyOrderElementsOf(consumer);
    }

    @Test
    void theTargetsPageHasTheFeedsOptions() throws IOException {
        Map<String, String> expected = new TreeMap<>();
        component("feed").path("properties").fields().forEachRemaining(option -> {
            JsonNode value = option.getValue();
            String label = value.path("label").asText();
            if (value.path("kind").asText().equals("parameter") && !label.contains("advanced")) {
                expected.put(option.getKey(), value.path("required").asBoolean() ? "required" : defaultOf(value));
            }
        });

        assertThat(defaults(DOCS.resolve("targets.md"), "## feed", "parameter"))
                .containsExactlyInAnyOrderEntriesOf(expected);
    }

    // ---- Parameters of the Kamelets

    static List<Path> kamelets() throws IOException {
        return KameletFile.all();
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void eachParameterOfAKameletIsNamedWithItsDefault(Path file) throws IOException {
        KameletFile kamelet = KameletFile.read(file);
        Map<String, String> expected = new LinkedHashMap<>();
        kamelet.parameters().forEach((name, parameter) -> {
            String text = String.valueOf(parameter.getOrDefault("default", ""));
            expected.put(name, kamelet.required().contains(name) ? "required" : text.isEmpty() ? NONE : text);
        });
        Path page = DOCS.resolve(kamelet.name().endsWith("-source") ? "sources.md" : "targets.md");

        assertThat(defaults(page, "## " + kamelet.name(), "parameter")).containsExactlyEntriesOf(expected);
    }

    // ---- States

    @Test
    void theTableOfLegalMovesMatchesTheCode() throws IOException {
        Map<String, Set<String>> legal = new TreeMap<>();
        for (DeliveryState from : DeliveryState.values()) {
            legal.put(
                    from.name(),
                    EnumSet.allOf(DeliveryState.class).stream()
                            .filter(from::canBecome)
                            .map(Enum::name)
                            .collect(Collectors.toSet()));
        }
        Path page = DOCS.resolve("states.md");
        Map<String, Set<String>> listed = new TreeMap<>();
        for (List<String> row : table(page, "## Legal moves", "from")) {
            listed.put(codes(row.get(0)).get(0), Set.copyOf(codes(row.get(1))));
        }
        Map<String, Set<String>> drawn = new TreeMap<>();
        legal.keySet().forEach(state -> drawn.put(state, new TreeSet<>()));
        Pattern.compile("(?m)^ +([A-Z]+) --> ([A-Z]+): ")
                .matcher(Files.readString(page))
                .results()
                .forEach(move -> drawn.get(move.group(1)).add(move.group(2)));

        assertThat(listed).isEqualTo(legal);
        assertThat(drawn).isEqualTo(legal);
    }

    // ---- Packages and classes

    private static List<Path> javaFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    /** The text of the file in which a class stands, by the simple name of the class. */
    private static Map<String, String> readSources() throws IOException {
        Pattern type = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");
        Map<String, String> sources = new TreeMap<>();
        for (Path file : javaFiles(Path.of("src"))) {
            String text = Files.readString(file);
            type.matcher(text).results().forEach(found -> sources.put(found.group(1), text));
        }
        return sources;
    }

    @BeforeAll
    static void readOnce() throws IOException {
        sources = readSources();
    }

    static List<Path> pagesThatNameClasses() throws IOException {
        try (Stream<Path> files = Files.list(DOCS)) {
            return Stream.concat(
                            files.filter(file -> file.toString().endsWith(".md"))
                                    .sorted(),
                            Stream.of(Path.of("CONTRIBUTING.md"), Path.of("SECURITY.md"), Path.of("README.md")))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pagesThatNameClasses")
    void everyClassThatAPageNamesExistsInItsPackageAndHasTheMember(Path page) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String code : codes(prose(page))) {
            CLASS.matcher(code).results().filter(DocsTest::isWrong).forEach(name -> wrong.add(code));
        }

        assertThat(wrong).isEmpty();
    }

    private static boolean isWrong(MatchResult name) {
        String folder = name.group(1).replace('.', '/');
        String type = name.group(2);
        if (!folder.isEmpty()
                && !Files.isDirectory(PACKAGES.resolve(Path.of(folder).getName(0)))) {
            return false; // a class of others
        }
        String source = sources.get(type);
        if (source == null) {
            return (!folder.isEmpty() || TWO_WORDS.matcher(type).matches()) && !EXAMPLES.contains(type);
        }
        boolean elsewhere = !folder.isEmpty() && !Files.exists(PACKAGES.resolve(folder + type + ".java"));
        String member = name.group(3);
        return elsewhere
                || member != null
                        && !member.equals("java")
                        && !Pattern.compile("\\b" + member + "\\b")
                                .matcher(source)
                                .find();
    }

    @Test
    void theArchitecturesTableHasEveryPackage() throws IOException {
        Set<String> listed = new TreeSet<>();
        for (List<String> row : table(DOCS.resolve("architecture.md"), "## Packages", "package `dev.serai.…`")) {
            listed.addAll(codes(row.get(0)));
        }
        Set<String> expected = new TreeSet<>(Set.of("Main"));
        for (Path file : javaFiles(PACKAGES)) {
            String folder = PACKAGES.relativize(file.getParent()).toString();
            if (!folder.isEmpty()) {
                expected.add(folder.replace('/', '.'));
            }
        }

        assertThat(listed).isEqualTo(expected);
    }

    // ---- Links and the README

    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(""))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.iterate(file, Objects::nonNull, Path::getParent)
                            .noneMatch(
                                    part -> NOT_OURS.contains(part.getFileName().toString())))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyRelativeLinkIsValid(Path page) throws IOException {
        List<String> dead = new ArrayList<>();
        Matcher links = LINK.matcher(prose(page));
        while (links.find()) {
            String link = links.group(1);
            if (!link.matches("[a-z]+:.*") && !leadsSomewhere(page, link)) {
                dead.add(link);
            }
        }

        assertThat(dead).isEmpty();
    }

    private static String prose(Path page) throws IOException {
        return FENCED.matcher(Files.readString(page)).replaceAll("");
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return hash < 0 || anchors(file).contains(link.substring(hash + 1));
    }

    /** The anchors that GitHub generates for headings. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(prose(page))
                .results()
                .map(heading -> heading.group(1)
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("readmes")
    void theReadmesRouteFitsIntoTwelveLines(Path readme) throws IOException {
        Matcher route = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(readme));

        assertThat(route.find()).isTrue();
        assertThat(route.group(1).lines()).hasSizeLessThanOrEqualTo(12);
    }

    static List<Path> readmes() {
        return List.of(Path.of("README.md"), Path.of("README.zh.md"));
    }
}
