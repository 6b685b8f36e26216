package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import dev.serai.support.RequestFuzz;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated requests to the admin port; -Dserai.fuzz.requests sends more of them. */
class AdminFuzzTest {
    private static final List<String> PATHS = List.of(
            "/api/flows",
            "/api/flows/orders",
            "/api/status",
            "/api/changes?flow=orders&target=erp&state=dead&key=a&id=b&text=c&status=500&since=1h&until=1m&limit=5",
            "/api/changes/orders/1",
            "/api/causes?flow=orders&target=erp",
            "/api/dead?flow=orders&target=erp&error=x&since=2026-01-01T00:00:00Z&limit=5",
            "/api/replays",
            "/api/cursors",
            "/api/log?limit=5",
            "/api/history?flow=orders&step=minute&since=1h",
            "/api/openapi.json",
            "/observe/metrics",
            "/observe/health/ready",
            "/console/",
            "/console/session");
    private static final String FILTER =
            "{\"flow\":\"orders\",\"target\":\"erp\",\"keys\":[\"a\"],\"sequences\":[1],\"error\":\"x\",\"since\":\"1h\",\"all\":false,\"rate\":50,\"dryRun\":true,\"reason\":\"r\"}";

    @TempDir
    private Path folder;

    @Test
    void noMutatedRequestIsTheServersFault() throws Exception {
        try (AdminStage stage = new AdminStage(folder)) {
            stage.restart(Duration.ofMillis(200));
            String end = " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer " + stage.operate
                    + "\r\n";
            List<String> requests = new ArrayList<>();
            PATHS.forEach(path -> requests.add("GET " + path + end + "\r\n"));
            for (String path : List.of("/api/retry", "/api/skip", "/api/dead/replay", "/api/dead/discard")) {
                requests.add(sent("POST " + path + end, FILTER));
            }
            requests.add(sent("POST /api/targets/orders/erp/pause" + end, "{\"reason\":\"r\"}"));
            requests.add(sent("POST /api/targets/orders/erp/resume" + end, ""));
            requests.add(sent("PUT /api/cursors/games" + end, "{\"cursor\":\"1\",\"reason\":\"r\"}"));
            requests.add(sent("POST /console/session" + end, "{\"token\":\"t\"}"));
            requests.add("DELETE /api/replays/1" + end + "\r\n");

            RequestFuzz fuzz = new RequestFuzz();
            try (CapturedLog log = new CapturedLog()) {
                assertThat(fuzz.failures(stage.server().port(), requests)).isEmpty();
                assertThat(log.lines()).as("seed %d", fuzz.seed()).noneMatch(line -> line.startsWith("ERROR"));
            }
            stage.restart(); // which has forgotten who guessed tokens
            assertThat(stage.send("GET", "/api/status", "", stage.operate).statusCode())
                    .isEqualTo(200);
        }
    }

    private static String sent(String head, String body) {
        return head + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
