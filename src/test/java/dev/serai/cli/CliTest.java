package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.node.RunOptions;
import dev.serai.support.RefusingPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CliTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final String FLOWS = """
        [{"flow":"orders","accepted":1204,"duplicates":3,"targets":[
          {"target":"erp","position":17,"pending":0,"delivering":1,"retrying":2,"waiting":2,"blocked":1,"parked":1,"dead":0,"delivered":1200,
           "oldestSeconds":3.25,"circuit":"open","paused":false},
          {"target":"shop","position":17,"pending":0,"delivering":0,"retrying":0,"waiting":0,"blocked":0,"parked":0,"dead":1,"delivered":1203,
           "oldestSeconds":0,"circuit":"closed","paused":true}]},
         {"flow":"聊天","accepted":0,"duplicates":0,"targets":[]}]\
        """;
    private static final String CHANGE = """
        {"flow":"orders","sequence":17,"id":"e1","key":"A-1","version":null,"operation":"upsert",
         "acceptedAt":"2026-01-31T08:00:00.000Z","deliveries":[
          {"target":"erp","state":"delivered","attempts":2,"dueAt":null,"finishedAt":"2026-01-31T08:00:05.000Z","status":200,"error":null},
          {"target":"shop","state":"retrying","attempts":1,"dueAt":"2026-01-31T08:00:09.000Z","finishedAt":null,"status":503,"error":"503"}],
         "headers":{"X-Trace":"t-1"},"contentType":"application/json","body":"{\\"a\\":\\"\\u001b[31m\\"}",
         "attempts":[
          {"target":"erp","number":1,"at":"2026-01-31T08:00:01.000Z","status":503,"error":"503 Service\\u001b[2J Unavailable"},
          {"target":"shop","number":1,"at":"2026-01-31T08:00:02.000Z","status":503,"error":"503"}]}\
        """;
    private static final String DEAD = """
        [{"flow":"orders","target":"shop","sequence":17,"id":"e1","key":"A-1","version":"2","operation":"upsert",
          "acceptedAt":"2026-01-31T08:00:00.000Z","attempts":2,"diedAt":"2026-01-31T08:00:03.000Z","status":503,
          "error":"503\\r\\nforged line"}]\
        """;

    private static final String STUCK = """
        {"flow":"orders","sequence":17,"id":"e1","key":"A\\n1","version":null,"operation":"upsert",
         "acceptedAt":"2026-01-31T08:00:00.000Z","deliveries":[
          {"target":"erp","state":"retrying","attempts":2,"dueAt":"2026-01-31T08:00:09.000Z","finishedAt":null,"status":503,
           "error":"503\\u001b[2J no","behind":1000}]}\
        """;

    @TempDir
    Path folder;

    private final Map<String, String> answers = new LinkedHashMap<>();
    private final Map<String, String> next = new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer node;
    private int status = 200;

    CliTest() throws IOException {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answers.put("GET /api/clock", "{\"now\":\"2026-01-31T08:00:00.000Z\",\"step\":null,\"steps\":0}");
        answers.put("GET /api/status", "{\"ok\":true,\"sources\":[]}");
        answers.put("GET /api/damage", "{\"count\":0,\"since\":null,\"latest\":null,\"text\":null}");
    }

    @BeforeEach
    void start() throws IOException {
        Files.writeString(folder.resolve("token"), TOKEN + "\n");
        node.createContext("/", this::answer);
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        this.asked.add(body.isEmpty() ? asked : asked + " " + body);
        boolean known = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        String answer = known
                ? answers.getOrDefault(asked, "{\"detail\":\"there is no such thing: known are others\"}")
                : "{\"detail\":\"no\"}";
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        int code = !known ? 401 : answers.containsKey(asked) ? status : 404;
        if (next.containsKey(asked)) {
            exchange.getResponseHeaders().set("Link", "<" + next.get(asked) + ">; rel=\"next\"");
        }
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void statusEndsWithTheAnswerToWhetherAllIsOk() {
        answers.put("GET /api/status", "{\"ok\":true}");
        assertThat(ask("status")).isZero();

        answers.put("GET /api/status", "{\"ok\":false}");
        assertThat(ask("status")).isEqualTo(1);
    }

    @Test
    void aReconciliationIsFollowedToItsEndAndTellsWhetherAnythingDiffers() {
        String report =
                "{\"state\":\"%s\",\"phase\":\"listing\",\"read\":1200,\"keys\":3,\"equal\":1,\"missing\":1,\"differs\":1,"
                        + "\"repaired\":%d,\"repair\":true,\"verifiedThrough\":{\"orders/shop\":\"2026-01-31T08:00:00.000Z\"},"
                        + "\"differences\":[{\"key\":\"A-1\\u001b[2J\",\"kind\":\"differs\",\"fields\":[\"amount\"],\"repair\":null}]}";
        answers.put("POST /api/reconcile/orders", report.formatted("running", 0));
        answers.put("GET /api/reconcile/orders", report.formatted("done", 0));
        assertThat(ask("reconcile", "orders", "--repair", "--only", "A-1", "--limit", "5"))
                .isEqualTo(1);

        assertThat(asked.get(0))
                .isEqualTo("POST /api/reconcile/orders"
                        + " {\"hot\":false,\"repair\":true,\"dryRun\":false,\"only\":[\"A-1\"],\"limit\":5}");
        assertThat(out.toString())
                .contains("listing · 1,200 read", "amount", "orders/shop is verified through 2026-01-31T08:00:00.000Z")
                .doesNotContain("\u001b");

        answers.put("GET /api/reconcile/orders", report.formatted("done", 2));
        assertThat(ask("reconcile", "orders", "--repair")).isZero();
        answers.put(
                "POST /api/reconcile/orders",
                "{\"state\":\"done\",\"equal\":3000,\"sample\":3000,\"bound\":0.00099808}");
        assertThat(ask("reconcile", "orders", "--sample", "3000")).isZero();
        assertThat(asked.get(asked.size() - 1)).contains("\"sample\":3000");
        assertThat(out.toString())
                .contains("0 of 3,000 differ = under 0.1 % at 95 %")
                .doesNotContain("it waited");
        answers.put(
                "POST /api/reconcile/orders",
                "{\"state\":\"done\",\"kind\":\"all\",\"waitedSeconds\":0.5,"
                        + "\"source\":{\"state\":\"done\",\"waitedSeconds\":75.2}}");
        assertThat(ask("reconcile", "orders")).isZero();
        assertThat(out.toString()).contains("it waited 75.7 s for other work on its machine");
        answers.put("POST /api/reconcile/orders", report.formatted("running", 0));
        answers.put("GET /api/reconcile/orders", "{\"state\":\"failed\",\"reason\":\"401\"}");
        assertThat(ask("reconcile", "orders")).isEqualTo(1);
        assertThat(ask("reconcile", "none")).isEqualTo(1);
    }

    @Test
    void aReconciliationWithASourceTellsBothSides() {
        String report =
                "{\"state\":\"%s\",\"kind\":\"%s\",\"phase\":\"source\",\"reason\":\"%s\",\"keys\":4,\"equal\":4,"
                        + "\"source\":{\"state\":\"%s\",\"phase\":\"listing\",\"read\":1200,\"keys\":5,\"equal\":4,\"missing\":1,"
                        + "\"repaired\":%d,\"reason\":null,\"completeSince\":\"2026-01-31T08:00:00.000Z\",\"differences\":"
                        + "[{\"key\":\"A-1\",\"kind\":\"missing\",\"fields\":[],\"repair\":null}]}}";
        answers.put("POST /api/reconcile/orders", report.formatted("running", "all", "", "running", 0));
        answers.put("GET /api/reconcile/orders", report.formatted("done", "all", "", "done", 0));

        assertThat(ask("reconcile", "orders")).isEqualTo(1);
        assertThat(out.toString())
                .contains("source · listing · 1,200 read", "SIDE    KEYS", "source  A-1", "missing")
                .contains("digests of the source have what was accepted from 2026-01-31T08:00:00.000Z on");

        answers.put("GET /api/reconcile/orders", report.formatted("done", "all", "", "done", 1));
        assertThat(ask("reconcile", "orders", "--repair")).isZero();
        answers.put("GET /api/reconcile/orders", report.formatted("done", "hot", "", "done", 0));
        assertThat(ask("reconcile", "orders", "--hot"))
                .as("which does not look at the source")
                .isZero();
        answers.put("GET /api/reconcile/orders", report.formatted("failed", "all", "the source: 401", "failed", 0));
        assertThat(ask("reconcile", "orders")).isEqualTo(1);
        assertThat(out.toString()).contains("the run failed, and the mark is not moved forward: the source: 401");
    }

    @Test
    void aBillIsFollowedToItsEndAndSignedOffAndAmountsAreShownInYuan() {
        String report = "{\"state\":\"%s\",\"day\":\"2026-11-29\",\"onBill\":1200,\"matched\":1199,\"differing\":%d,"
                + "\"billFault\":null,\"reason\":null,\"signedOff\":%s,\"totals\":{\"bill\":{\"payments\":1200,\"amount\":123456}},"
                + "\"differences\":[{\"id\":\"P-1\\u001b[2J\",\"kinds\":[\"missingHere\"],\"ledger\":null,"
                + "\"bill\":{\"amount\":-105,\"status\":\"SUCCESS\"},\"repair\":null,\"fault\":null}]}";
        answers.put("GET /api/bills/orders/newest", "{\"state\":\"never\",\"day\":\"2026-11-29\"}");
        answers.put("POST /api/bills/orders/2026-11-29", report.formatted("running", 0, "null"));
        answers.put("GET /api/bills/orders/2026-11-29", report.formatted("done", 1, "null"));
        assertThat(ask("bills", "orders", "--repair", "--dry-run")).isEqualTo(1);

        assertThat(asked.get(1)).isEqualTo("POST /api/bills/orders/2026-11-29 {\"repair\":true,\"dryRun\":true}");
        assertThat(out.toString())
                .contains("2026-11-29: 1,199 of 1,200 on the bill match, 1 differ", "1234.56", "-1.05 SUCCESS")
                .doesNotContain("\u001b");

        answers.put("GET /api/bills/orders/2026-11-29", report.formatted("done", 0, "null"));
        assertThat(ask("bills", "orders")).isZero();
        String signed =
                report.formatted("done", 1, "{\"by\":\"anna\",\"at\":\"2026-11-30T03:00:00Z\",\"reason\":\"by hand\"}");
        answers.put("POST /api/bills/orders/2026-11-29/sign-off", signed);
        assertThat(ask("bills", "orders", "--day", "2026-11-29", "--sign-off", "--reason", "by hand"))
                .isZero();
        assertThat(asked.get(asked.size() - 1)).endsWith("{\"reason\":\"by hand\"}");
        assertThat(out.toString()).contains("signed off by anna at 2026-11-30T03:00:00Z: by hand");
        answers.put("GET /api/bills/orders", "[" + signed + "]");
        assertThat(ask("bills", "orders", "--list")).isZero();
        answers.put(
                "POST /api/bills/orders/2026-11-29",
                "{\"state\":\"waiting\",\"day\":\"2026-11-29\",\"reason\":\"later\"}");
        assertThat(ask("bills", "orders")).isEqualTo(1);
    }

    @Test
    void jsonIsTheNodesAnswer() {
        answers.put("GET /api/flows", FLOWS);

        assertThat(ask("targets", "--json")).isZero();

        assertThat(out.toString()).isEqualToNormalizingNewlines(FLOWS + "\n");
    }

    @Test
    void jsonCanNeitherControlATerminalNorTurnTextAround() throws Exception {
        String key = "a\u202eb\u2028c\u0085d\u009be\ud83d\ude00f\udb40\udc41g";
        answers.put("GET /api/flows", "[{\"flow\":\"" + key + "\"}]");

        assertThat(ask("targets", "--json")).isZero();

        assertThat(out.toString())
                .contains("a\\u202eb\\u2028c\\u0085d\\u009be\ud83d\ude00f\\udb40\\udc41g")
                .doesNotContain("\u202e", "\u2028", "\u0085", "\u009b");
    }

    @Test
    void traceShowsTheHistoryInOrderOfTime() {
        answers.put("GET /api/changes?key=A%2F1%20%40&limit=20", "[{\"flow\":\"orders\",\"sequence\":17}]");
        answers.put("GET /api/changes/orders/17", CHANGE);

        assertThat(ask("trace", "A/1 @")).isZero();

        assertThat(out.toString().lines())
                .containsExactly(
                        "orders 17  key A-1  id e1  version -  upsert",
                        "  2026-01-31T08:00:00.000Z        accepted",
                        "  2026-01-31T08:00:01.000Z  erp   attempt 1 failed: 503 Service\\u001b[2J Unavailable",
                        "  2026-01-31T08:00:02.000Z  shop  attempt 1 failed: 503",
                        "  2026-01-31T08:00:05.000Z  erp   delivered (200)",
                        "                            shop  retrying: next attempt 2026-01-31T08:00:09.000Z, 1 attempt"
                                + " so far");
    }

    @Test
    void traceOfAnUnknownKeyExitsWithNo() {
        answers.put("GET /api/changes?flow=orders&key=A-1&limit=20", "[]");
        answers.put("GET /api/changes?flow=orders&id=A-1&limit=20", "[]");

        assertThat(ask("trace", "A-1", "--flow", "orders")).isEqualTo(1);
        assertThat(err.toString()).contains("no change with the key or id A-1 in flow orders", "bodies are not");
    }

    @Test
    void traceFindsAnIdThatNoChangeHasAsItsKey() {
        answers.put("GET /api/changes?key=e1&limit=20", "[]");
        answers.put("GET /api/changes?id=e1&limit=20", "[{\"flow\":\"orders\",\"sequence\":17}]");
        answers.put("GET /api/changes/orders/17", CHANGE);

        assertThat(ask("trace", "e1")).isZero();
        assertThat(out.toString()).startsWith("orders 17  key A-1  id e1");
    }

    @Test
    void traceAsJsonHasCompleteChanges() {
        answers.put("GET /api/changes?key=%40file&limit=20", "[{\"flow\":\"orders\",\"sequence\":17}]");
        answers.put("GET /api/changes/orders/17", CHANGE);

        assertThat(ask("trace", "--json", "@file")).isZero();
        assertThat(out.toString().strip()).isEqualTo("[" + CHANGE + "]");
    }

    @Test
    void deadLettersAreListedOneToALine() {
        answers.put("GET /api/dead?flow=orders&key=A-1&key=B&error=503&limit=5", DEAD);

        assertThat(ask(
                        "dead", "list", "--flow", "orders", "--key", "A-1", "--key", "B", "--error", "503", "--limit",
                        "5"))
                .isZero();

        assertThat(out.toString().lines())
                .containsExactly(
                        "SEQUENCE  TARGET       KEY  VERSION  GIVEN UP                  ATTEMPTS  ERROR",
                        "      17  orders/shop  A-1        2  2026-01-31T08:00:03.000Z         2 "
                                + " 503\\u000d\\u000aforged line");
    }

    @Test
    void noDeadLettersExitsWithNo() {
        answers.put("GET /api/dead", "[]");

        assertThat(ask("dead", "list")).isEqualTo(1);
        assertThat(out.toString()).contains("no dead letters");
    }

    @Test
    void noMatchIsNotCalledNoDeadLetters() {
        answers.put("GET /api/dead?key=A-1", "[]");

        assertThat(ask("dead", "list", "--key", "A-1")).isEqualTo(1);
        assertThat(out.toString()).isEqualTo("no dead letter matches" + System.lineSeparator());
    }

    @Test
    void aDeadLetterIsShownWholeWithoutMovingTheCursor() {
        answers.put("GET /api/dead?sequence=17", DEAD);
        answers.put("GET /api/changes/orders/17", CHANGE);

        assertThat(ask("dead", "show", "17")).isZero();

        assertThat(out.toString())
                .contains("  X-Trace: t-1")
                .contains("{\"a\":\"\\u001b[31m\"}")
                .doesNotContain("\u001b");
    }

    @Test
    void whatWaitsIsListedWithWhatStandsBehindAndPagesAreFollowed() {
        String page =
                "/api/changes?target=erp&cause=0123456789abcdef&state=pending&state=delivering&state=retrying&state=blocked";
        answers.put("GET " + page + "&limit=2", "[" + STUCK + "]");
        next.put("GET " + page + "&limit=2", page + "&limit=2&after=17");
        answers.put("GET " + page + "&limit=2&after=17", "[" + STUCK.replace("17,", "18,") + "]");
        next.put("GET " + page + "&limit=2&after=17", page + "&limit=2&after=18");

        assertThat(ask("stuck", "--target", "erp", "--cause", "0123456789abcdef", "--limit", "2"))
                .isZero();

        assertThat(out.toString().lines().toList().get(0))
                .matches("SEQUENCE +TARGET +STATE +KEY +ACCEPTED +ATTEMPTS +NEXT TRY +BEHIND +ERROR");
        assertThat(out.toString())
                .containsPattern("17 +orders/erp +retrying +A\\\\u000a1 .* ago +2 +.* +1,000\\+ +503\\\\u001b\\[2J no")
                .contains("18", "there is more: --after 18")
                .doesNotContain("\u001b");
    }

    @Test
    void nothingThatWaitsExitsWithNo() {
        answers.put("GET /api/changes?since=2026-01-31T08%3A00%3A00Z&state=dead&limit=50", "[]");

        assertThat(ask("stuck", "--state", "dead", "--since", "2026-01-31T08:00:00Z"))
                .isEqualTo(1);
    }

    @Test
    void causesAreListedWithTheIdThatSelectsThem() {
        answers.put(
                "GET /api/causes?flow=orders",
                "[{\"cause\":\"422 order <number> is"
                        + " unknown\\u001b\",\"id\":\"0123456789abcdef\",\"flow\":\"orders\",\"target\":\"erp\","
                        + "\"state\":\"dead\",\"count\":100000,\"perMinute\":0.4,\"firstAt\":\"2026-01-31T08:00:00.000Z\",\"lastAt\":\"2026-01-31T08:00:00.000Z\",\"keys\":12,\"example\":\"order"
                        + " 17 is unknown\",\"exampleSequence\":17}]");

        assertThat(ask("stuck", "--causes", "--flow", "orders")).isZero();
        assertThat(out.toString())
                .containsPattern("0123456789abcdef +orders/erp +dead +100,000 +0.4 +12 .*422 order <number> is unknown")
                .doesNotContain("\u001b");
    }

    @Test
    void retryAndSkipNameTheirFilterAndSayWhatTheyDid() {
        answers.put("POST /api/retry", "{\"matched\":3,\"retried\":3}");
        answers.put("POST /api/skip", "{\"matched\":3,\"skipped\":2,\"delivering\":1}");

        assertThat(ask("retry", "--key", "A-1")).isZero();
        assertThat(ask("skip", "--cause", "oops", "--status", "503", "--reason", "no longer needed"))
                .isZero();
        assertThat(ask("skip", "--target", "erp", "--dry-run")).isZero();

        assertThat(asked)
                .containsExactly(
                        "POST /api/retry {\"keys\":[\"A-1\"],\"sequences\":[],\"all\":false,\"dryRun\":false}",
                        "POST /api/skip"
                                + " {\"keys\":[],\"sequences\":[],\"cause\":\"oops\",\"status\":503,\"all\":false,\"dryRun\":false,\"reason\":\"no"
                                + " longer needed\"}",
                        "POST /api/skip"
                                + " {\"target\":\"erp\",\"keys\":[],\"sequences\":[],\"all\":false,\"dryRun\":true}");
        assertThat(out.toString().lines())
                .containsExactly(
                        "retrying 3 of 3 now",
                        "skipped 2 of 3; 1 being delivered now are skipped if that attempt fails",
                        "would skip 3");
    }

    @Test
    void replaysAreListedStoppedAndResumed() {
        String replay =
                "{\"id\":4,\"state\":\"running\",\"reason\":null,\"startedAt\":\"2026-01-31T08:00:00.000Z\",\"endedAt\":null,"
                        + "\"rate\":50.0,\"matched\":1000,\"moved\":300,\"settled\":250,\"failed\":10,\"open\":40,\"left\":700,"
                        + "\"filter\":{\"flow\":null,\"target\":null}}";
        answers.put("GET /api/replays", "[" + replay + "]");
        answers.put(
                "DELETE /api/replays/4",
                replay.replace("running", "stopped")
                        .replace("\"reason\":null", "\"reason\":\"stopped by an operator\""));

        answers.put("POST /api/replays/4/resume", replay.replace("\"matched\":1000", "\"matched\":999"));

        assertThat(ask("dead", "replays")).isZero();
        assertThat(ask("dead", "replays", "stop", "4")).isZero();
        assertThat(ask("dead", "replays", "resume", "4")).isZero();
        assertThat(ask("dead", "replays", "restart", "4")).isEqualTo(2);
        assertThat(ask("dead", "replays", "stop")).isEqualTo(2);
        assertThat(ask("dead", "replays", "stop", "5")).isEqualTo(1);

        assertThat(out.toString())
                .containsPattern("4 +running +.* ago +1,000 +700 +40 +250 +10 +50.0 +all targets +-")
                .containsPattern("4 +stopped .*stopped by an operator")
                .containsPattern("4 +running +.* ago +999 +700");
    }

    @Test
    void deadLettersAreExportedAsJsonLines() throws Exception {
        answers.put("GET /api/dead?target=shop&limit=500", DEAD);
        next.put("GET /api/dead?target=shop&limit=500", "/api/dead?target=shop&limit=500&after=17");
        answers.put("GET /api/dead?target=shop&limit=500&after=17", DEAD.replace("17", "18"));
        answers.put("GET /api/changes/orders/17", CHANGE);
        answers.put("GET /api/changes/orders/18", CHANGE);

        assertThat(ask("dead", "export", "--target", "shop")).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(out.toString()).doesNotContain("\u001b");
        JsonNode line = new JsonMapper().readTree(lines.get(0));
        assertThat(line.path("sequence").asLong()).isEqualTo(17);
        assertThat(line.path("target").asText()).isEqualTo("shop");
        assertThat(line.path("headers").path("X-Trace").asText()).isEqualTo("t-1");
        assertThat(line.path("body").asText()).contains("\"a\"");
        assertThat(line.path("attemptCount").asInt()).isEqualTo(2);
        assertThat(line.path("attempts")).hasSize(1);
        assertThat(line.has("damage")).isFalse();
    }

    @Test
    void anExportedDeadLetterThatWasDamagedLaterSaysSo() throws Exception {
        answers.put("GET /api/dead?limit=500", DEAD);
        answers.put("GET /api/changes/orders/17", CHANGE.replaceFirst("\\{", "{\"damage\":\"corrupt: checksum\","));

        assertThat(ask("dead", "export")).isZero();

        assertThat(new JsonMapper().readTree(out.toString()).path("damage").asText())
                .isEqualTo("corrupt: checksum");
    }

    @Test
    void aReplayNamesItsFilter() {
        answers.put("POST /api/dead/replay", "{\"matched\":3,\"replayed\":3,\"running\":false}");

        assertThat(ask("dead", "replay", "--target", "shop", "--sequence", "17", "--rate", "5"))
                .isZero();

        assertThat(asked)
                .containsExactly(
                        "POST /api/dead/replay"
                                + " {\"target\":\"shop\",\"keys\":[],\"sequences\":[17],\"all\":false,\"dryRun\":false,\"rate\":5.0}");
        assertThat(out.toString()).isEqualToIgnoringNewLines("replayed 3 of 3");
    }

    @Test
    void aDryRunSaysWhatWouldHappen() {
        answers.put("POST /api/dead/discard", "{\"matched\":3,\"replayed\":0,\"discarded\":0}");

        assertThat(ask("dead", "discard", "--all", "--dry-run")).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("would discard 3");
        assertThat(asked.get(0)).contains("\"all\":true,\"dryRun\":true");
    }

    @Test
    void aReplayThatMatchesNothingExitsWithNo() {
        answers.put("POST /api/dead/replay", "{\"matched\":0,\"replayed\":0,\"running\":false}");

        assertThat(ask("dead", "replay", "--key", "x")).isEqualTo(1);
    }

    @Test
    void aRequestThatTheNodeRefusesIsAUsageError() {
        status = 422;
        answers.put("POST /api/dead/discard", "{\"detail\":\"no filter is given\"}");

        assertThat(ask("dead", "discard")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines("serai: no filter is given");
    }

    @Test
    void targetsArePausedByName() {
        answers.put("POST /api/targets/orders/erp/pause", "{\"paused\":true}");

        assertThat(ask("targets", "pause", "orders/erp")).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("orders/erp paused");
        assertThat(ask("targets", "resume", "orders/none")).isEqualTo(1);
        assertThat(err.toString()).contains("known are others");
        assertThat(ask("targets", "pause", "orders")).isEqualTo(2);
    }

    @Test
    void aTargetIsRemovedByName() {
        answers.put("DELETE /api/targets/orders/erp", "{\"removed\":true}");

        assertThat(ask("targets", "remove", "orders/erp")).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("orders/erp removed");
        assertThat(ask("targets", "remove", "orders/none")).isEqualTo(1);
        assertThat(ask("targets", "remove", "erp")).isEqualTo(2);
    }

    @Test
    void targetsAndCursorsAreListed() {
        answers.put("GET /api/flows", FLOWS);
        answers.put(
                "GET /api/status", "{\"targets\":[{\"flow\":\"orders\",\"target\":\"erp\",\"state\":\"failing\"}]}");
        answers.put(
                "GET /api/cursors", "[{\"name\":\"pull\",\"value\":\"7\",\"savedAt\":\"2026-01-31T08:00:00.000Z\"}]");

        assertThat(ask("targets")).isZero();
        assertThat(ask("cursors")).isZero();

        assertThat(out.toString())
                .containsPattern("orders/erp +17 .*failing")
                .contains("CURSOR  VALUE  SAVED")
                .contains("pull        7  2026-01-31T08:00:00.000Z");
    }

    @Test
    void aCursorIsSet() {
        answers.put("PUT /api/cursors/a%2Fb", "{\"name\":\"a/b\",\"value\":\"9\",\"savedAt\":\"x\"}");

        assertThat(ask("cursors", "set", "a/b", "9")).isZero();
        assertThat(asked).containsExactly("PUT /api/cursors/a%2Fb {\"value\":\"9\"}");
        assertThat(out.toString()).isEqualToIgnoringNewLines("a/b is now 9");
    }

    @Test
    void anUnknownCursorIsRefusedByTheNodeAndANewOneIsSetIfToldSo() {
        assertThat(ask("cursors", "set", "score", "9")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no such thing: known are others");

        answers.put("PUT /api/cursors/score", "{\"name\":\"score\",\"value\":\"9\"}");
        assertThat(ask("cursors", "set", "score", "9", "--new", "--reason", "first run"))
                .isZero();
        assertThat(asked)
                .containsExactly(
                        "PUT /api/cursors/score {\"value\":\"9\"}",
                        "PUT /api/cursors/score {\"value\":\"9\",\"new\":true,\"reason\":\"first run\"}");
    }

    @Test
    void theLogShowsWhoDidWhat() {
        answers.put(
                "GET /api/log?actor=ann&action=skip&after=9&limit=1",
                "[{\"id\":8,\"at\":\"2026-01-31T08:00:00.000Z\",\"actor\":\"ann\",\"action\":\"skip\",\"what\":\"orders/erp\",\"filter\":{},\"count\":3,"
                        + "\"reason\":\"cancel\\u001b[2Jled\",\"outcome\":\"done\"}]");
        next.put("GET /api/log?actor=ann&action=skip&after=9&limit=1", "/api/log?after=8");

        assertThat(ask("log", "--actor", "ann", "--action", "skip", "--after", "9", "--limit", "1"))
                .isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "AT                        WHO  ACTION  WHAT        COUNT  OUTCOME  REASON",
                        "2026-01-31T08:00:00.000Z  ann  skip    orders/erp      3  done     cancel\\u001b[2Jled",
                        "there may be more: --after 8");

        answers.put("GET /api/log?limit=100", "[]");
        assertThat(ask("log")).isEqualTo(1);
        assertThat(out.toString()).contains("nothing that matches was done");
    }

    @Test
    void everyVerbTakesAReason() {
        answers.put("POST /api/targets/orders/erp/resume", "{}");
        answers.put("DELETE /api/targets/orders/erp", "{}");
        answers.put("DELETE /api/replays/7", "{}");
        answers.put("POST /api/replays/7/resume", "{}");
        answers.put("POST /api/retry", "{\"matched\":1,\"retried\":1}");
        answers.put("POST /api/dead/replay", "{\"matched\":1,\"replayed\":1}");
        answers.put("POST /api/dead/discard", "{\"matched\":1,\"discarded\":1}");

        ask("targets", "resume", "orders/erp", "--reason", "why");
        ask("targets", "remove", "orders/erp", "--reason", "why");
        ask("dead", "replays", "stop", "7", "--reason", "why");
        ask("dead", "replays", "resume", "7", "--reason", "why");
        ask("retry", "--all", "--reason", "why");
        ask("dead", "replay", "--all", "--reason", "why");
        ask("dead", "discard", "--all", "--reason", "why");

        assertThat(asked).hasSize(7).allMatch(request -> request.contains("\"reason\":\"why\""));
    }

    @Test
    void aTokenOfTheEnvironmentIsUsedUnlessAFileIsGiven() {
        answers.put("GET /api/flows", "[]");
        String url = "http://127.0.0.1:" + node.getAddress().getPort();
        String file = folder.resolve("token").toString();
        ClientArguments given = new ClientArguments();
        new CommandLine(CommandSpec.create().addMixin("client", CommandSpec.forAnnotatedObject(given)))
                .parseArgs("--url", url, "-p", "serai.admin.tokenFile=" + folder.resolve("none"));

        assertThat(given.client(Map.of("SERAI_TOKEN", TOKEN + "\n"))
                        .get("/api/flows")
                        .text())
                .isEqualTo("[]");
        assertThatThrownBy(() -> given.client(Map.of("SERAI_TOKEN", "wrong")).get("/api/flows"))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("does not accept the token in SERAI_TOKEN");

        ClientArguments withFile = new ClientArguments();
        new CommandLine(CommandSpec.create().addMixin("client", CommandSpec.forAnnotatedObject(withFile)))
                .parseArgs("--url", url, "--token-file", file);
        assertThat(withFile.client(Map.of("SERAI_TOKEN", "wrong"))
                        .get("/api/flows")
                        .text())
                .isEqualTo("[]");
    }

    @Test
    void theCommandAndTheOptionThatWereProbablyMeantAreNamed() {
        assertThat(run("stauts")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no command stauts", "serai status");
        assertThat(run("status", "--jsn")).isEqualTo(2);
        assertThat(err.toString()).contains("--jsn", "--json");
    }

    @Test
    void routesTakeWhatAShellMakesOfAGlob() {
        var parsed = Cli.commandLine(new PrintWriter(out), new PrintWriter(err))
                .parseArgs("run", "--routes", "a.yaml", "b.xml", "c", "-p", "x=1", "--routes", "d");
        RunCommand run = (RunCommand) parsed.subcommand().commandSpec().userObject();

        assertThat(run.options().routes()).containsExactly("a.yaml", "b.xml", "c", "d");
    }

    @Test
    void aWrongTokenIsReportedWithItsFile() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "another-token-altogether");

        assertThat(run("status", "--url", url(), "--token-file", wrong.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("does not accept the admin token in " + wrong);
        assertThat(run(
                        "status",
                        "--url",
                        url(),
                        "--token-file",
                        folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains(folder.resolve("none") + " does not exist");
    }

    @Test
    void withoutANodeTheAddressIsNamed() throws IOException {
        try (RefusingPort nobody = new RefusingPort()) {
            String url = "http://127.0.0.1:" + nobody.number();

            assertThat(run("status", "--url", url)).isEqualTo(3);
            assertThat(err.toString()).contains("no node answers at " + url, "./serai run");
        }
    }

    @Test
    void theAddressOfTheNodeComesFromItsDataFolderAndProperties() throws IOException {
        answers.put("GET /api/status", "{\"ok\":true}");
        Files.writeString(folder.resolve("admin.token"), TOKEN);
        String port = "serai.admin.port=" + node.getAddress().getPort();

        assertThat(run("status", "--data", folder.toString(), "-p", port)).isZero();
    }

    @Test
    void theAddressOfTheNodeComesFromTheConfiguration() throws IOException {
        answers.put("GET /api/status", "{\"ok\":true}");
        Path config = Files.writeString(
                folder.resolve("application.properties"),
                "serai.admin.port=" + node.getAddress().getPort() + "\nserai.admin.tokenFile=" + folder.resolve("token")
                        + "\n");

        assertThat(run("status", "--config", config.toString())).isZero();
        assertThat(out.toString()).startsWith("all ok");
        assertThat(run("status", "--config", folder.resolve("none").toString())).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "stat",
                "status --jsn",
                "trace",
                "dead",
                "dead lst",
                "dead show x",
                "dead list --since yesterday",
                "dead replay --rate fast",
                "dead replay --all --rate 1e-300",
                "dead replay --all --rate NaN",
                "dead replay --all --rate Infinity",
                "dead replay --all --rate -1",
                "cursors set a",
                "targets pause",
                "run -p novalue",
                "run --routes",
                "status --url ::"
            })
    void aMisuseIsOneClearLineAndAHint(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);

        assertThat(err.toString()).startsWith("serai: ").doesNotContain("Exception", "\tat ");
        assertThat(err.toString().lines().count()).isBetween(1L, 3L);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "run --help", "dead --help", "dead replay --help", "--version"})
    void helpIsNoMisuse(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out.toString()).contains("serai").doesNotContain("${");
    }

    @Test
    void runTakesItsOptions() {
        var parsed = Cli.commandLine(new PrintWriter(out), new PrintWriter(err))
                .parseArgs(
                        "run",
                        "--routes",
                        "a/*.yaml",
                        "--routes",
                        "b.xml",
                        "--kamelets",
                        "k",
                        "--config",
                        "c",
                        "--data",
                        "d",
                        "-p",
                        "x=1",
                        "-p",
                        "y=a=b");
        RunCommand run = (RunCommand) parsed.subcommand().commandSpec().userObject();

        assertThat(run.options())
                .isEqualTo(new RunOptions(
                        List.of("a/*.yaml", "b.xml"),
                        List.of(Path.of("k")),
                        Path.of("c"),
                        Path.of("d"),
                        Map.of("x", "1", "y", "a=b")));
    }

    @Test
    void missingOptionsHaveTheirDefaults() {
        var parsed = Cli.commandLine(new PrintWriter(out), new PrintWriter(err)).parseArgs("check");
        CheckCommand check = (CheckCommand) parsed.subcommand().commandSpec().userObject();

        assertThat(check.options()).isEqualTo(new RunOptions(List.of(), List.of(), null, null, Map.of()));
    }

    private int ask(String... args) {
        return run(Stream.concat(
                        Arrays.stream(args),
                        Stream.of(
                                "--url",
                                url(),
                                "--token-file",
                                folder.resolve("token").toString()))
                .toArray(String[]::new));
    }

    private int run(String... args) {
        return Cli.execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private String url() {
        return "http://127.0.0.1:" + node.getAddress().getPort();
    }
}
