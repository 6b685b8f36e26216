package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.admin.ApiDocument.Operation;
import dev.serai.support.Patience;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a token may do with each operation of the OpenAPI document. */
class AdminRolesTest {
    /** Fewer than are answered late. */
    private static final int WRONG_MAX = 15;

    @TempDir
    Path data;

    private final ApiDocument document = new ApiDocument();
    private AdminStage stage;

    AdminRolesTest() throws Exception {}

    @BeforeEach
    void start() throws Exception {
        stage = new AdminStage(data);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    private List<Operation> guarded() {
        return document.operations().stream()
                .filter(operation -> !operation.isOpen())
                .toList();
    }

    @Test
    void nothingButHealthIsServedWithoutAToken() throws Exception {
        for (Operation operation : guarded()) {
            assertRefused(401, operation, ask(operation, null));
        }
        for (Operation operation : document.operations()) {
            if (operation.isOpen()) {
                assertThat(ask(operation, null).statusCode())
                        .as(operation.name())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void nothingIsServedWithAWrongToken() throws Exception {
        int wrong = 0;
        for (Operation operation : guarded()) {
            if (++wrong % WRONG_MAX == 0) {
                stage.restart();
            }
            assertRefused(401, operation, ask(operation, stage.view + "x"));
        }
    }

    @Test
    void aTokenToViewMayOnlyRead() throws Exception {
        stage.act();
        for (Operation operation : guarded()) {
            HttpResponse<String> answer = ask(operation, stage.view);
            if (operation.needsOperate()) {
                assertRefused(403, operation, answer);
                assertThat(answer.body())
                        .contains("a token with the role operate, and viewer has the role view")
                        .doesNotContain(stage.view);
            } else {
                // No route delivers, so that there is nothing to foretell.
                int most = operation.path().equals("/api/forecast/{flow}/{target}") ? 409 : 299;
                assertThat(answer.statusCode())
                        .as(operation.name() + " " + answer.body())
                        .isBetween(200, most)
                        .isNotIn(401, 403);
            }
        }
    }

    @Test
    void aTokenToOperateAndTheAdminTokenMayDoAll() throws Exception {
        for (String token : Set.of(stage.operate, AdminStage.TOKEN)) {
            for (Operation operation : guarded()) {
                assertThat(ask(operation, token).statusCode())
                        .as(operation.name())
                        .isNotIn(401, 403);
            }
        }
    }

    @Test
    void aTokenThatIsAddedOrRemovedCountsWithoutARestart() throws Exception {
        String added = TokenFile.in(data).add("added", TokenRole.VIEW, AdminStage.CLOCK);
        await().atMost(Patience.MAX).until(() -> flows(added) == 200);

        TokenFile.in(data).remove("added");
        await().atMost(Patience.MAX).until(() -> flows(added) != 200);
        assertThat(flows(stage.operate)).isEqualTo(200);
    }

    @Test
    void aFileOfTokensThatCannotBeReadIsInTheStatusUntilItIsMended() throws Exception {
        assertThat(tokens().isNull()).isTrue();
        Path file = data.resolve("tokens");
        String text = Files.readString(file);
        Files.delete(file);
        Files.createDirectory(file);

        await().until(() -> !tokens().isNull());
        assertThat(tokens().asText()).contains(file.toString(), "no named token is accepted");
        assertThat(status().path("ok").asBoolean()).isFalse();
        assertThat(flows(stage.operate)).isEqualTo(401);
        assertThat(stage.send("GET", "/observe/health/ready", "", null).body())
                .contains("\"tokens\"", "not all named tokens are accepted")
                .doesNotContain(file.toString());

        Files.delete(file);
        Files.writeString(file, text + "broken\n");
        await().until(() -> tokens().asText().contains("tokens:3: "));
        assertThat(flows(stage.operate)).isEqualTo(200);

        Files.writeString(file, text);
        await().until(() -> tokens().isNull());
    }

    private JsonNode tokens() throws Exception {
        return status().path("tokens").path("trouble");
    }

    private JsonNode status() throws Exception {
        return new ObjectMapper()
                .readTree(stage.send("GET", "/api/status", "", AdminStage.TOKEN).body());
    }

    private void assertRefused(int status, Operation operation, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(operation.name()).isEqualTo(status);
        String type = answer.headers().firstValue("Content-Type").orElse("none");
        assertThat(type).as(operation.name()).isEqualTo("application/problem+json");
        assertThat(document.faults(operation, status, type, answer.body()))
                .as(operation.name())
                .isEmpty();
    }

    private HttpResponse<String> ask(Operation operation, @Nullable String token) throws Exception {
        String body = document.takes(operation).path("example").toString();
        return stage.send(operation.method(), operation.examplePath(), body, token);
    }

    private int flows(String token) throws Exception {
        return stage.send("GET", "/api/flows", "", token).statusCode();
    }
}
