package dev.serai.signature.platform;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GitHub's signatures against GitHub's own npm library, in both directions and with its own example payloads. */
class GithubPeerIT {
    private static final Path PEER = Path.of("src/test/npm/octokit");
    private static final Path PAYLOADS = Path.of("src/test/resources/real-input/github");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    // Test keys. Do not use them elsewhere.
    private static final String SECRET = "github-test-key-ä-0001";
    private static final String OTHER_SECRET = "github-test-key-ä-0002";

    @TempDir
    static Path folder;

    private static String missing = "";

    private final SignatureScheme github = SignatureSchemeRegistry.create("github", SchemeOptions.secret(SECRET));

    private record Question(String secret, String body, String signature) {}

    @BeforeAll
    static void install() throws Exception {
        try (Stream<Path> files = Files.list(PEER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        if (!run("node", "--version")) {
            missing = "node is not there to run GitHub's library";
        } else if (!run("npm", "--version")) {
            missing = "npm is not there to bring GitHub's library";
        } else if (!run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")) {
            missing = "npm cannot bring GitHub's library: "
                    + Files.readString(folder.resolve("npm.log")).strip();
        }
    }

    /** Checked in each test, because reports show no reason for a skipped class. */
    @BeforeEach
    void skipWithoutTheLibrary() {
        assumeTrue(missing.isEmpty(), missing);
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("npm.log").toFile())
                    .start();
            if (process.waitFor(2, TimeUnit.MINUTES)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<JsonNode> ask(List<Question> questions) throws Exception {
        Path asked = folder.resolve("questions.jsonl");
        Path answered = folder.resolve("answers.jsonl");
        List<String> lines = new ArrayList<>();
        for (Question question : questions) {
            lines.add(JSON.writeValueAsString(question));
        }
        Files.write(asked, lines);
        Process node = new ProcessBuilder("node", "verify.mjs")
                .directory(folder.toFile())
                .redirectInput(asked.toFile())
                .redirectOutput(answered.toFile())
                .redirectError(folder.resolve("node.log").toFile())
                .start();
        assertThat(node.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(node.exitValue())
                .as(Files.readString(folder.resolve("node.log")))
                .isZero();
        List<JsonNode> answers = new ArrayList<>();
        for (String line : Files.readAllLines(answered)) {
            answers.add(JSON.readTree(line));
        }
        assertThat(answers).hasSameSizeAs(questions);
        return answers;
    }

    private static List<String> bodies() throws IOException {
        List<String> bodies = new ArrayList<>(List.of("Hello, World!", "{ \"name\": \"ä 你好 😀\" }\n", "\u0000 "));
        try (Stream<Path> files = Files.list(PAYLOADS)) {
            for (Path file : files.filter(name -> name.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                bodies.add(Files.readString(file));
            }
        }
        return bodies;
    }

    private Question signed(String body) {
        return new Question(SECRET, body, sign(body));
    }

    private String sign(String body) {
        return github.sign(utf8(body), "any", NOW).getOrDefault("X-Hub-Signature-256", "");
    }

    private Verdict verify(String body, String signature) {
        return github.verify(body.getBytes(UTF_8), headers(Map.of("X-Hub-Signature-256", signature)), NOW);
    }

    @Test
    void githubsLibraryVerifiesOurSignaturesAndWeVerifyItsOwn() throws Exception {
        List<String> bodies = bodies();
        List<JsonNode> answers = ask(bodies.stream().map(this::signed).toList());

        assertThat(bodies).hasSizeGreaterThan(3);
        for (int i = 0; i < bodies.size(); i++) {
            JsonNode answer = answers.get(i);
            assertThat(answer.path("verified").asBoolean()).isTrue();
            assertThat(verify(bodies.get(i), answer.path("signature").asText())).isInstanceOf(Verified.class);
        }
    }

    @Test
    void bothRefuseAnotherBodyOrAnotherKey() throws Exception {
        String body = "{\"action\":\"opened\"}";
        String changed = "{\"action\":\"closed\"}";
        List<JsonNode> answers =
                ask(List.of(new Question(SECRET, changed, sign(body)), new Question(OTHER_SECRET, body, sign(body))));

        for (JsonNode answer : answers) {
            assertThat(answer.path("verified").asBoolean()).isFalse();
            assertThat(verify(body, answer.path("signature").asText()))
                    .isInstanceOfSatisfying(Refusal.class, refused -> assertThat(refused.reason())
                            .isEqualTo(RefusalReason.FORGED));
        }
    }
}
