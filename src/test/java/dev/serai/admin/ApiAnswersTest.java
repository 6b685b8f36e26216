package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.admin.ApiDocument.Operation;
import dev.serai.http.CertificateFiles;
import dev.serai.http.ServerTls;
import dev.serai.support.TestKeys;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether real answers are what the OpenAPI document says, to the last field. */
class ApiAnswersTest {
    /** They need work that takes longer than 10 s; {@code RunningActionTest} has them. */
    private static final Set<String> SLOW =
            Set.of("POST /api/dead/replay 202", "POST /api/backup 202", "GET /api/backup 202");
    /** They need a ledger that cannot be written; {@code DiskFullIT} has such. */
    private static final Set<String> DOWN = Set.of(
            "GET /observe/health/ready 503",
            "HEAD /observe/health/ready 503",
            "GET /observe/health 503",
            "HEAD /observe/health 503",
            "GET /observe/health/live 503",
            "HEAD /observe/health/live 503");

    @TempDir
    Path folder;

    private final ApiDocument document = new ApiDocument();
    private final Set<String> seen = new TreeSet<>();
    private AdminStage stage;

    ApiAnswersTest() throws Exception {}

    @BeforeEach
    void start() throws Exception {
        stage = new AdminStage(folder);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    @Test
    void everyAnswerOfTheDocumentIsGivenAndIsAsItSays() throws Exception {
        TestKeys keys = TestKeys.create(folder, "admin");
        CertificateFiles files =
                CertificateFiles.of("serai.admin.tls", null, null, keys.store().toString(), TestKeys.PASSWORD);
        stage.camel
                .getRegistry()
                .bind(
                        "adminTls",
                        ServerTls.open(
                                "admin", files, stage.vertx, Clock.offset(Clock.systemUTC(), Duration.ofDays(3))));

        check("GET /api/openapi.json", 200);
        check("GET /api/flows", 200);
        check("GET /api/clock", 200);
        check("GET /api/log", 200);
        check("GET /api/damage", 200);
        check("GET /api/backup", 404);
        check("GET /api/replays", 200);

        check("GET /api/changes", 200);
        check("GET /api/changes", "?key=A-1", "", 200);
        check("GET /api/changes", "?state=retrying", "", 200);
        check("GET /api/changes", "?target=shop&limit=1", "", 200);
        check("GET /api/changes", "?limit=0", "", 400);
        change(stage.history.delivered, 200);
        change(stage.history.pending, 200);
        change(999, 404);
        check("GET /api/causes", 200);
        check("GET /api/dead", 200);

        check("PUT /api/cursors/{name}", 200);
        answered("PUT /api/cursors/{name}", "/api/cursors/new", "{\"value\":\"1\",\"new\":true}", 201);
        answered("PUT /api/cursors/{name}", "/api/cursors/none", "{\"value\":\"1\"}", 404);
        check("GET /api/cursors", 200);

        check("POST /api/retry", 200);
        check("POST /api/retry", "", "{\"target\":\"erp\"}", 200);
        check("POST /api/retry", "", "{}", 422);
        check("POST /api/dead/replay", 200);
        check("POST /api/dead/replay", "", "{\"all\":true,\"rate\":100,\"reason\":\"a test\"}", 200);
        check("POST /api/dead/replay", "", "{}", 422);
        check("GET /api/replays", 200);
        check("DELETE /api/replays/{id}", 200);
        answered("DELETE /api/replays/{id}", "/api/replays/99", "", 404);
        check("POST /api/replays/{id}/resume", 200);
        check("POST /api/replays/{id}/resume", 409);
        answered("POST /api/replays/{id}/resume", "/api/replays/99/resume", "", 404);
        check("GET /api/replays", 200);
        check("POST /api/skip", 200);
        check("POST /api/skip", "", "{\"target\":\"erp\"}", 200);
        check("POST /api/skip", "", "{}", 422);
        check("POST /api/dead/discard", 200);
        check("POST /api/dead/discard", "", "{\"all\":true}", 200);
        check("POST /api/dead/discard", "", "{}", 422);

        check("POST /api/targets/{flow}/{target}/pause", 200);
        check("GET /api/flows", 200);
        check("GET /api/status", 200);
        check("POST /api/targets/{flow}/{target}/resume", 200);
        answered("POST /api/targets/{flow}/{target}/pause", "/api/targets/orders/none/pause", "", 404);
        answered("POST /api/targets/{flow}/{target}/resume", "/api/targets/orders/none/resume", "", 404);
        stage.history.subscribe(TestLedger.SHOP);
        answered("GET /api/forecast/{flow}/{target}", "/api/forecast/orders/shop", "", 200);
        answered("GET /api/forecast/{flow}/{target}", "/api/forecast/orders/erp", "", 409);
        answered("GET /api/forecast/{flow}/{target}", "/api/forecast/orders/none", "", 404);
        check("GET /api/forecast", 200);
        answered("DELETE /api/targets/{flow}/{target}", "/api/targets/orders/shop", "", 409);
        answered("DELETE /api/targets/{flow}/{target}", "/api/targets/orders/none", "", 404);
        check("DELETE /api/targets/{flow}/{target}", 200);

        check("POST /api/backup", 409);
        check("GET /api/backup", 409);
        Files.createDirectories(folder.resolve("full.db.tmp/in the way"));
        check("POST /api/backup", "", "{\"file\":\"" + folder.resolve("full.db") + "\"}", 507);
        check("GET /api/backup", 507);
        check("POST /api/backup", "", "{\"file\":\"" + folder.resolve("backup.db") + "\"}", 200);
        check("GET /api/backup", 200);

        check("GET /api/reconcile/{name}", 200);
        check("POST /api/reconcile/{name}", 202);
        check("GET /api/reconcile/{name}", 200);
        answered("GET /api/reconcile/{name}", "/api/reconcile/none", "", 404);
        answered("POST /api/reconcile/{name}", "/api/reconcile/none", "{}", 404);

        check("GET /api/bills/{name}", 200);
        answered("GET /api/bills/{name}", "/api/bills/none", "", 404);
        check("GET /api/bills/{name}/{day}", 200);
        answered("GET /api/bills/{name}/{day}", "/api/bills/none/newest", "", 404);
        check("POST /api/bills/{name}/{day}/sign-off", 200);
        assertThat(stage.send("GET", "/api/log?action=bills%20sign-off", "", stage.operate)
                        .body())
                .contains("orders 2026-11-20", "P-7 was refunded by hand");
        answered("POST /api/bills/{name}/{day}/sign-off", "/api/bills/none/2026-11-20/sign-off", "{}", 404);
        answered("POST /api/bills/{name}/{day}", "/api/bills/none/2026-11-20", "{}", 404);
        answered("POST /api/bills/{name}/{day}", "/api/bills/orders/newest", "{}", 400);
        answered("GET /api/bills/{name}/{day}", "/api/bills/orders/newest", "", 200);
        check("POST /api/bills/{name}/{day}", 202);

        check("GET /api/events", 200);
        check("GET /api/flows/{flow}", 200);
        answered("GET /api/flows/{flow}", "/api/flows/none", "", 404);
        check("GET /api/history", 200);
        check("GET /api/history", "?flow=orders&step=hour", "", 200);
        check("GET /api/history", "?step=day", "", 400);

        stage.history.setClock(Duration.ofHours(-1));
        check("GET /api/clock", 200);
        check("GET /api/status", 200);
        check("GET /api/log", 200);
        check("GET /api/log", "?limit=1", "", 200);
        check("GET /observe/metrics", 200);
        for (String path : Set.of("/observe/health", "/observe/health/live", "/observe/health/ready")) {
            check("GET " + path, 200);
            check("HEAD " + path, 200);
        }

        Set<String> unseen = new TreeSet<>();
        for (Operation operation : document.operations()) {
            operation.node().path("responses").fieldNames().forEachRemaining(status -> {
                if (!Set.of("401", "403", "default").contains(status)) {
                    unseen.add(operation.name() + " " + status);
                }
            });
        }
        unseen.removeAll(seen);
        unseen.removeAll(SLOW);
        unseen.removeAll(DOWN);
        assertThat(unseen)
                .as("answers of openapi.json that no request of this test had")
                .isEmpty();
    }

    private void change(long sequence, int status) throws Exception {
        answered("GET /api/changes/{flow}/{sequence}", "/api/changes/orders/" + sequence, "", status);
    }

    /** Sends the example of the document. */
    private void check(String operation, int status) throws Exception {
        String body =
                document.takes(document.operation(operation)).path("example").toString();
        check(operation, "", body, status);
    }

    private void check(String operation, String query, String body, int status) throws Exception {
        answered(operation, document.operation(operation).examplePath() + query, body, status);
    }

    private void answered(String name, String path, String body, int status) throws Exception {
        Operation operation = document.operation(name);
        HttpResponse<String> answer = stage.send(operation.method(), path, body, stage.operate);
        String what = operation.method() + " " + path + " " + body + " → " + answer.statusCode() + " " + answer.body();
        assertThat(answer.statusCode()).as(what).isEqualTo(status);
        String type = answer.headers().firstValue("Content-Type").orElse("none");
        assertThat(document.faults(operation, status, type, answer.body()))
                .as(what)
                .isEmpty();
        seen.add(name + " " + status);
    }
}
