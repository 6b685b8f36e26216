package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.AdminCaller;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actions that take longer than their requests wait: what is answered, and what the audit says then and at their end. */
class RunningActionTest {
    private static final Duration WAIT = Duration.ofMillis(1);

    @TempDir
    Path folder;

    private final CountDownLatch copied = new CountDownLatch(1);
    private final SlowStore store = new SlowStore();
    private final TestLedger history = TestLedger.withSomeHistory(store);
    private final ApiDocument document = new ApiDocument();
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpServer server;

    /** Its copies take until they may end. */
    private final class SlowStore extends MemoryStore {
        private volatile List<AuditEntry> notedBeforeCopy = List.of();
        private volatile boolean failsForShop;

        private List<AuditEntry> running() {
            return audit(new AuditQuery(null, null, null, null, true, Long.MAX_VALUE, 10));
        }

        @Override
        public List<Standing> standing(
                TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit) {
            if (failsForShop
                    && limit > 1
                    && target.equals(TestLedger.SHOP)
                    && !running().isEmpty()) {
                throw new StoreException("the disk is gone");
            }
            return super.standing(target, state, cause, after, limit);
        }

        @Override
        public List<String> backup(Path file) {
            notedBeforeCopy = running();
            try {
                copied.await();
                Files.writeString(file, "a copy");
            } catch (Exception e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            return List.of();
        }
    }

    RunningActionTest() throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(ctx -> {
            ctx.put(AdminServer.CALLER, AdminCaller.ADMIN);
            ctx.next();
        });
        router.route().handler(BodyHandler.create(false));
        AdminReplies replies =
                new AdminReplies(vertx, new ByteBudget(1 << 20), new LeanCamelContext(true), history.ledger);
        AuditApi audit = new AuditApi(history.ledger, replies);
        audit.mount(router);
        ActionAudit actions = new ActionAudit(history.ledger, replies);
        new BackupApi(history.ledger, replies, actions, WAIT).mount(router);
        new ActionApi(history.ledger, actions, WAIT).mount(router);
        router.errorHandler(404, replies::failed).errorHandler(500, replies::failed);
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void stop() {
        copied.countDown();
        server.close().toCompletionStage().toCompletableFuture().join();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aBackupIsRunningInTheAuditUntilItIsComplete() throws Exception {
        String file = folder.resolve("b.db").toString();
        assertAnswer("POST /api/backup", "{\"file\":\"" + file + "\",\"reason\":\"weekly\"}", 202);
        assertAnswer("GET /api/backup", "", 202);
        assertThat(entry().path("outcome").asText()).isEqualTo("running");

        copied.countDown();
        await().until(() -> entry().path("outcome").asText().equals("done"));

        assertThat(entry().path("reason").asText()).isEqualTo("weekly");
        assertThat(entry().path("count").isNull()).isTrue();
        assertAnswer("GET /api/backup", "", 200);
    }

    @Test
    void aBackupThatFailsLaterSaysSoInTheAudit() throws Exception {
        String file = folder.resolve("none/b.db").toString();
        assertAnswer("POST /api/backup", "{\"file\":\"" + file + "\"}", 202);

        copied.countDown();
        await().until(() -> entry().path("outcome").asText().startsWith("failed: "));
        assertThat(entry().path("outcome").asText()).contains(file);
    }

    @Test
    void aReplayIsRunningInTheAuditUntilAllAreDueOrItIsStopped() throws Exception {
        history.ledger.actions().skip(DeliveryFilter.ALL, "a test").join();
        assertAnswer("POST /api/dead/replay", "{\"all\":true,\"rate\":0.001}", 202);
        assertThat(entry().path("outcome").asText()).isEqualTo("running as replay 1");
        assertThat(entry().path("count").asLong()).isEqualTo(2);

        await().until(() -> history.ledger.actions().replays().get(0).moved() == 1);
        send("DELETE", "/api/replays/1", "{\"reason\":\"enough\"}");
        await().until(() -> log().path(1).path("outcome").asText().startsWith("stopped"));

        assertThat(log().path(1).path("outcome").asText()).isEqualTo("stopped after 1 of 2: stopped by admin: enough");
        assertThat(log().path(1).path("count").asLong()).isEqualTo(1);
        assertThat(entry().path("action").asText()).isEqualTo("replay stop");
    }

    @Test
    void aStoppedReplayIsResumedAndNotedUntilItsEnd() throws Exception {
        history.ledger.actions().skip(DeliveryFilter.ALL, "a test").join();
        assertAnswer("POST /api/dead/replay", "{\"all\":true,\"rate\":1}", 202);
        assertThat(send("POST", "/api/replays/1/resume", "").statusCode()).isEqualTo(409);
        send("DELETE", "/api/replays/1", "");

        HttpResponse<String> resumed = send("POST", "/api/replays/1/resume", "{\"reason\":\"mended\"}");
        assertThat(resumed.statusCode()).as(resumed.body()).isEqualTo(200);
        assertThat(new JsonMapper().readTree(resumed.body()).path("state").asText())
                .isEqualTo("running");
        assertThat(entry().path("action").asText()).isEqualTo("replay resume");
        assertThat(entry().path("reason").asText()).isEqualTo("mended");
        await().atMost(Patience.MAX)
                .until(() -> entry().path("outcome").asText().equals("done"));
        assertThat(entry().path("count").asLong()).isEqualTo(2);
    }

    @Test
    void whoBeganAnActionIsInTheLedgerBeforeItBegins() throws Exception {
        copied.countDown();
        send("POST", "/api/backup", "{\"file\":\"" + folder.resolve("b.db") + "\",\"reason\":\"weekly\"}");
        await().atMost(Patience.MAX)
                .until(() -> entry().path("outcome").asText().equals("done"));

        assertThat(store.notedBeforeCopy).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("admin");
            assertThat(entry.action()).isEqualTo("backup");
            assertThat(entry.reason()).isEqualTo("weekly");
            assertThat(entry.outcome()).isEqualTo("running");
        });
    }

    @Test
    void anActionThatFailsInTheMiddleSaysHowFarItCame() throws Exception {
        history.ledger.actions().skip(DeliveryFilter.ALL, "a test").join();
        store.failsForShop = true;

        HttpResponse<String> answer = send("POST", "/api/dead/discard", "{\"all\":true,\"reason\":\"old\"}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("ended early, after 1: the disk is gone");
        assertThat(entry().path("action").asText()).isEqualTo("discard");
        assertThat(entry().path("reason").asText()).isEqualTo("old");
        assertThat(entry().path("outcome").asText()).isEqualTo("failed: ended early, after 1: the disk is gone");
        assertThat(entry().path("count").asLong()).isEqualTo(1);
    }

    private void assertAnswer(String operation, String body, int status) throws Exception {
        String[] words = operation.split(" ");
        HttpResponse<String> answer = send(words[0], words[1], body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(document.faults(
                        document.operation(operation),
                        status,
                        answer.headers().firstValue("Content-Type").orElse("none"),
                        answer.body()))
                .as(answer.body())
                .isEmpty();
    }

    private JsonNode entry() throws Exception {
        return log().path(0);
    }

    private JsonNode log() throws Exception {
        return new JsonMapper().readTree(send("GET", "/api/log", "").body());
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
                        .timeout(Patience.MAX)
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
