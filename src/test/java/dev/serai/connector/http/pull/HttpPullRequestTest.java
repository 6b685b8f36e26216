package dev.serai.connector.http.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceState;
import dev.serai.connector.http.HttpLinkHeader;
import dev.serai.connector.pull.PullTime;
import dev.serai.connector.pull.PullWindow;
import dev.serai.ledger.model.Cursor;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pull sends, and to whom. */
class HttpPullRequestTest {
    private static final String ROUTE = """
            - route:
                id: rows-in
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 1h
            %s
                  steps:
                    - to:
                        uri: ledger:rows
                        parameters: { batch: true, key: "${jq(.id)}" }
            """;

    @TempDir
    private Path data;

    private volatile Function<Asked, Answer> api = asked -> rows();
    private final RemoteSide remote = new RemoteSide(asked -> api.apply(asked));
    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        remote.close();
    }

    private void start(String... parameters) throws Exception {
        runner = new KameletRunner(data);
        String all = String.join("\n", parameters)
                + (String.join("", parameters).contains("format:") ? "" : "\nrecords: .items");
        runner.with(ROUTE.formatted(all.indent(8).stripTrailing()), Map.of("remote", remote.url("")))
                .start();
    }

    private static Answer rows(String... ids) {
        return Answer.json("{\"items\":["
                + String.join(
                        ",",
                        List.of(ids).stream()
                                .map(id -> "{\"id\":\"" + id + "\"}")
                                .toList()) + "]}");
    }

    private void awaitAccepted(String... ids) {
        await().untilAsserted(() -> assertThat(runner.accepted("rows").stream()
                        .map(entry -> entry.change().key()))
                .containsExactlyInAnyOrder(ids));
    }

    private Asked firstAsked() {
        await().until(() -> !remote.asked.isEmpty());
        return remote.asked.get(0);
    }

    // ---- Credentials

    @Test
    void headersAndQueryGoWithEachRequestAndTheirValuesIntoNoLogLine() throws Exception {
        api = asked -> new Answer(403, Map.of(), "no key canary1 or canary2 for you");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start(
                    "url: '{{remote}}/rows?a=1'",
                    "headers: 'X-Api-Key=canary1, X-Two: b=c'",
                    "query: 'api_key=canary2,q=a b&c'");
            await().until(() -> !log.lines().isEmpty());

            assertThat(log.lines().get(0))
                    .contains("403", "no key *** or *** for you")
                    .doesNotContain("canary");
        }
        assertThat(firstAsked().headers()).containsEntry("x-api-key", "canary1").containsEntry("x-two", "b=c");
        assertThat(firstAsked().query()).isEqualTo("a=1&api_key=canary2&q=a%20b%26c");
    }

    @Test
    void aUserNameAndAPasswordAreSentAsHttpBasic() throws Exception {
        start("url: '{{remote}}/rows'", "username: jörg", "password: 'a:b'");

        assertThat(firstAsked().headers()).containsEntry("authorization", "Basic asO2cmc6YTpi");
    }

    @Test
    void aTokenInTheQueryThatIsOverInA200IsRenewedOnce() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        api = asked -> asked.path().equals("/token")
                ? Answer.json("{\"access_token\":\"canary" + issued.incrementAndGet() + "\",\"expires_in\":7200}")
                : asked.query().equals("q=%2F&access_token=canary2")
                        ? rows("a")
                        : Answer.json("{\"errcode\":42001,\"errmsg\":\"access_token expired\"}");
        start(
                "url: '{{remote}}/rows?q=%2F'",
                "tokens: wechat", "tokenUrl: '{{remote}}/token'", "clientId: a", "clientSecret: b");
        awaitAccepted("a");

        assertThat(issued).hasValue(2);
        assertThat(firstAsked().query()).isEqualTo("grant_type=client_credential&appid=a&secret=b");
    }

    @Test
    void aRunWhoseTokensAreAllOverEndsAndSaysWhatTheSourceSaid() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        api = asked -> asked.path().equals("/token")
                ? Answer.json("{\"access_token\":\"canary" + issued.incrementAndGet() + "\"}")
                : new Answer(
                        200,
                        Map.of(),
                        "{\"fault\":9,\"of\":\"" + asked.headers().get("authorization") + "\"}");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start(
                    "url: '{{remote}}/rows'",
                    "tokenUrl: '{{remote}}/token'",
                    "clientId: a",
                    "clientSecret: b",
                    "tokenExpiredWhen: .fault == 9");
            await().until(() -> !log.lines().isEmpty());

            assertThat(log.lines().get(0))
                    .contains("the access token is over", "\"fault\":9", "Bearer ***")
                    .doesNotContain("canary");
        }
        assertThat(issued).hasValue(2);
    }

    @Test
    void anotherHostIsAskedIfItIsAllowedButGetsNoCredentials() throws Exception {
        try (RemoteSide other = new RemoteSide(asked -> asked.path().equals("/two")
                ? new Answer(200, Map.of("X-Next", remote.url("/three")), "{\"items\":[{\"id\":\"b\"}]}")
                : rows())) {
            api = asked -> asked.path().equals("/one")
                    ? new Answer(200, Map.of("X-Next", other.url("/two?sig=1")), "{\"items\":[{\"id\":\"a\"}]}")
                    : rows("c");
            start(
                    "url: '{{remote}}/one'",
                    "headers: X-Api-Key=canary",
                    "query: k=canary",
                    "bearerToken: canary",
                    "nextHeader: X-Next",
                    "allowHosts: other.example, " + other.url("").replace("http://", ""));
            awaitAccepted("a", "b", "c");

            assertThat(other.asked).singleElement().satisfies(asked -> {
                assertThat(asked.query()).isEqualTo("sig=1");
                assertThat(asked.headers().toString()).doesNotContain("canary");
            });
            assertThat(remote.asked.get(1).headers()).containsEntry("authorization", "Bearer canary");
        }
    }

    @Test
    void aHostThatIsNamedForThemGetsTheCredentials() throws Exception {
        try (RemoteSide other = new RemoteSide(asked -> rows("b"))) {
            api = asked -> new Answer(200, Map.of("X-Next", other.url("/two")), "{\"items\":[{\"id\":\"a\"}]}");
            start(
                    "url: '{{remote}}/one'",
                    "bearerToken: canary",
                    "nextHeader: X-Next",
                    "credentialHosts: " + other.url("").replace("http://", ""));
            awaitAccepted("a", "b");

            assertThat(other.asked.get(0).headers()).containsEntry("authorization", "Bearer canary");
        }
    }

    // ---- Pages

    @Test
    void theNextPageIsNamedByTheHeaderLink() throws Exception {
        api = asked -> asked.query().isEmpty()
                ? new Answer(
                        200,
                        Map.of(
                                "Link",
                                "<?page=9>; rel=\"last\", <?page=2&x=a,b>; title=\"a, b\"; rel=\"prefetch next\""),
                        "{\"items\":[{\"id\":\"a\"}]}")
                : rows("b");
        start("url: '{{remote}}/rows'", "nextHeader: Link");

        awaitAccepted("a", "b");
        assertThat(remote.asked.get(1).query()).isEqualTo("page=2&x=a,b");
    }

    @Test
    void theNextPageIsNamedByATokenInAHeader() throws Exception {
        api = asked -> asked.parameter("t").equals("1")
                ? new Answer(200, Map.of("X-Next", "a b"), "{\"id\":\"a\"}\n")
                : new Answer(200, Map.of("X-Next", ""), "{\"id\":\"b\"}\n");
        start("url: '{{remote}}/rows?t={page}'", "nextHeader: X-Next", "format: ndjson");

        awaitAccepted("a", "b");
        assertThat(remote.asked.get(1).parameter("t")).isEqualTo("a%20b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<a>; rel=next | a",
                "<a>; REL=NEXT; rel=prev | a",
                "<a>; rel=prev; rel=next |",
                "<a>;rel=prev,<b>;rel=\"next\" | b",
                "<a>; rel | ",
                "a; rel=next | ",
                "<a;b,c>; x=\"<z>; rel=next\"; rel=\"start next\" | a;b,c",
                " | "
            })
    void aLinkIsReadAsRfc8288Says(String header, String address) {
        assertThat(HttpLinkHeader.next(List.of(header == null ? "" : header))).isEqualTo(address);
    }

    @Test
    void aBodyIsPostedWithItsPlaceholdersFilledInForEachPage() throws Exception {
        api = asked -> {
            String body = new String(asked.body(), UTF_8);
            return body.contains("\"skip\": 0") ? rows("a", "b") : body.contains("\"skip\": 2") ? rows("c") : rows();
        };
        start(
                "url: '{{remote}}/search'",
                "method: POST",
                "start: 'a\"b'",
                "body: '{\"since\": \"{cursor}\", \"skip\": {offset}, \"page\": {\"n\": {page} } }'");

        await().until(() -> remote.asked.size() >= 3);
        assertThat(remote.asked.get(0).method()).isEqualTo("POST");
        assertThat(remote.asked.get(0).headers().get("content-type")).startsWith("application/json");
        assertThat(remote.asked.stream().limit(3).map(asked -> new String(asked.body(), UTF_8)))
                .containsExactly(
                        "{\"since\": \"a\\\"b\", \"skip\": 0, \"page\": {\"n\": 1 } }",
                        "{\"since\": \"a\\\"b\", \"skip\": 2, \"page\": {\"n\": 2 } }",
                        "{\"since\": \"a\\\"b\", \"skip\": 3, \"page\": {\"n\": 3 } }");
    }

    /** Its changes are new to the ledger each time. */
    @Test
    void whatHasNeitherIdNorVersionIsReadUntilTwoPassesBringTheSame() throws Exception {
        AtomicInteger first = new AtomicInteger();
        api = asked -> switch (asked.parameter("skip")) {
            case "0" -> first.getAndIncrement() == 0 ? rows("a", "b") : rows("b", "x");
            case "2" -> rows("c");
            default -> rows();
        };
        start("url: '{{remote}}/rows?skip={offset}'");

        awaitAccepted("a", "b", "c", "b", "x", "c", "b", "x", "c");
        SourceRegistry sources = SourceRegistry.of(runner.context);
        await().until(() -> sources.now().findFirst().orElseThrow().report().state() == SourceState.OK);
        assertThat(remote.asked).hasSize(9);
    }

    @Test
    void aFormIsPostedWithItsValuesEncoded() throws Exception {
        start(
                "url: '{{remote}}/search'",
                "method: POST",
                "start: a b&c",
                "contentType: application/x-www-form-urlencoded",
                "body: 'since={cursor}&n=1'");

        assertThat(new String(firstAsked().body(), UTF_8)).isEqualTo("since=a%20b%26c&n=1");
    }

    // ---- Time

    @Test
    void windowsReadTheTimeUpToNowAndTheirEndIsTheCursor() throws Exception {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(3));
        api = asked -> asked.parameter("p").equals("1") ? rows(asked.parameter("from")) : rows();
        start(
                "url: '{{remote}}/rows?from={from}&to={to}&now={now}&p={page}'",
                "maxPages: 1000",
                "window: 2h",
                "timeFormat: seconds",
                "overlap: 1m",
                "start: '" + begin + "'");
        await().until(() -> runner.ledger().cursor("rows-in").isPresent()
                && runner.ledger()
                                .cursor("rows-in")
                                .get()
                                .value()
                                .compareTo(begin.plusSeconds(7_200).toString())
                        > 0);

        long from = begin.getEpochSecond();
        String now = remote.asked.get(0).parameter("now");
        List<String> asked = remote.asked.stream()
                .map(one -> one.parameter("from") + "-" + one.parameter("to"))
                .distinct()
                .toList();
        assertThat(asked).containsExactly(from + "-" + (from + 7_200), (from + 7_140) + "-" + now);
        assertThat(runner.ledger().cursor("rows-in").map(Cursor::value))
                .contains(Instant.ofEpochSecond(Long.parseLong(now)).toString());
    }

    @Test
    void aWindowThatFailsIsReadAgainByTheNextRun() throws Exception {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(5));
        String second = begin.plus(Duration.ofMinutes(119)).toString();
        api = asked -> URLDecoder.decode(asked.parameter("from"), UTF_8).equals(second) ? Answer.status(400) : rows();
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("url: '{{remote}}/rows?from={from}&to={to}'", "window: 2h", "overlap: 1m", "start: '" + begin + "'");
            await().until(() -> !log.lines().isEmpty());
        }
        assertThat(runner.ledger().cursor("rows-in").map(Cursor::value))
                .contains(begin.plus(Duration.ofHours(2)).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "| | 2026-01-31T10:00:00Z | 2026-01-31T10:00:00Z",
                "| Asia/Shanghai | 2026-01-31 10:00:00 | 2026-01-31 10:00:00",
                "iso | Asia/Shanghai | 2026-01-31 10:00:00 | 2026-01-31T10:00:00+08:00",
                "seconds | | 2026-01-31T10:00:00.9Z | 1769853600",
                "millis | | 2026-01-31T10:00:00.9Z | 1769853600900",
                "yyyy-MM-dd HH:mm:ss | Asia/Shanghai | 2026-01-31T10:00:00Z | 2026-01-31 18:00:00",
                "yyyyMMdd | | 1769853600 | 20260131",
                "seconds | Asia/Shanghai | 2026-01-31 | 1769788800"
            })
    void aCursorIsWrittenAsTheSourceWantsTimes(String format, String zone, String cursor, String text)
            throws Exception {
        assertThat(new PullTime(format, zone).cursor(cursor)).isEqualTo(text);
    }

    @Test
    void aCursorThatIsNoTimeIsNotSentWithATimeFormat() {
        assertThatThrownBy(() -> new PullTime("seconds", null).cursor("17"))
                .hasMessageContaining("the cursor or start 17 is not a time, which timeFormat and window need");
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 30, 60, 90, 240})
    void eachMomentOfTheHourThatComesTwiceIsAskedForAfterIt(int minutes) {
        PullTime time = new PullTime("yyyy-MM-dd HH:mm", "Europe/Berlin");
        Instant begin = Instant.parse("2026-10-24T22:00:00Z");
        Instant end = begin.plus(Duration.ofHours(6));
        List<PullWindow> windows = new ArrayList<>();
        for (PullWindow one = PullWindow.first(begin, Duration.ofMinutes(minutes), Duration.ZERO, end);
                one != null;
                one = one.next()) {
            windows.add(one);
            assertThat(time.from(one)).isLessThan(time.to(one));
        }
        for (Instant at = begin; at.isBefore(end); at = at.plusSeconds(60)) {
            Instant moment = at;
            String local = time.text(at);
            assertThat(windows)
                    .as("at %s, local %s", at, local)
                    .anyMatch(one -> one.to().isAfter(moment)
                            && time.from(one).compareTo(local) <= 0
                            && time.to(one).compareTo(local) > 0);
        }
    }

    // ---- Wrong options

    private static String refusal(Object... options) {
        HttpPullRequestOptions request = new HttpPullRequestOptions();
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        HttpPullFormat format = new HttpPullFormat();
        HttpPullSource source = null;
        try {
            source = new HttpPullSource("http://127.0.0.1/x" + options[0]);
            format.setRecords(".");
            for (int i = 1; i < options.length; i += 2) {
                String value = (String) options[i + 1];
                switch ((String) options[i]) {
                    case "method" -> request.setMethod(value);
                    case "body" -> request.setBody(value);
                    case "contentType" -> request.setContentType(value);
                    case "headers" -> request.setHeaders(value);
                    case "query" -> request.setQuery(value);
                    case "username" -> request.setUsername(value);
                    case "password" -> request.setPassword(value);
                    case "bearerToken" -> request.setBearerToken(value);
                    case "allowHosts" -> request.setAllowHosts(value);
                    case "timeFormat" -> request.setTimeFormat(value);
                    case "zone" -> request.setZone(value);
                    case "next" -> paging.setNext(value);
                    case "nextHeader" -> paging.setNextHeader(value);
                    case "window" -> paging.setWindow(value);
                    case "format" -> format.setFormat(value);
                    case "records" -> format.setRecords(value);
                    case "delimiter" -> format.setDelimiter(value);
                    case "cursor" -> source.setCursor(value);
                    case "start" -> source.setStart(value);
                    case "auth" -> source.setAuth(value);
                    case "items" -> source.setItems(value);
                    default -> throw new AssertionError(options[i]);
                }
            }
            source.setRequest(request);
            source.setPaging(paging);
            source.setFormat(format);
            source.init();
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            return String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        }
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefusedWithWhatToDo() {
        assertThat(refusal("", "bearerToken", "t", "username", "u"))
                .contains("set only one of [bearerToken, username]");
        assertThat(refusal("", "bearerToken", "t", "headers", "authorization=x"))
                .contains("set only one of [bearerToken, the header Authorization]");
        assertThat(refusal("", "password", "p")).contains("password needs username");
        assertThat(refusal("", "username", "a:b", "password", "p")).contains("colon");
        assertThat(refusal("", "body", "{}")).contains("body needs method=POST");
        assertThat(refusal("", "method", "PUT")).contains("method must be GET or POST, not PUT");
        assertThat(refusal("", "method", "POST", "auth", "alipay"))
                .contains("auth signs requests with method=GET only");
        assertThat(refusal("", "method", "POST", "contentType", "text/xml")).contains("contentType must be");
        assertThat(refusal("", "headers", "X-Key=canary,nary y"))
                .contains("a value cannot have a comma")
                .doesNotContain("nary y");
        assertThat(refusal("", "headers", "X-Key=a,canary"))
                .contains("has no value")
                .doesNotContain("canary");
        assertThat(refusal("", "headers", "Host=a")).contains("\"Host\" is not a header that can be sent");
        assertThat(refusal("", "query", "canary")).contains("NAME=VALUE").doesNotContain("canary");
        assertThat(refusal("", "allowHosts", "https://a.example/x")).contains("like cdn.shop.example");
        assertThat(refusal("", "timeFormat", "epoch")).contains("timeFormat must be iso, seconds, millis or a pattern");
        assertThat(refusal("", "zone", "Mars")).contains("zone must be one like Asia/Shanghai");
        assertThat(refusal("", "next", ".n", "nextHeader", "Link")).contains("set one of them");
        assertThat(refusal("", "nextHeader", "a b")).contains("not the name of a header");
        assertThat(refusal("", "format", "xml")).contains("format must be json, ndjson or csv");
        assertThat(refusal("", "format", "csv", "delimiter", "::")).contains("delimiter must be one character");
        assertThat(refusal("", "format", "csv", "next", ".n")).contains("use nextHeader");
        assertThat(refusal("", "records", "")).contains("records is missing");
        assertThat(refusal("?f={from}&t={to}")).contains("{from} and {to} need window");
        assertThat(refusal("?f={from}", "window", "1h", "start", "2026-01-01"))
                .contains("window needs {from} and {to}");
        assertThat(refusal("?f={from}&t={to}", "window", "1h")).contains("window needs start");
        assertThat(refusal("?f={from}&t={to}", "window", "1h", "start", "2026-01-01", "cursor", ".at"))
                .contains("window cannot be set together with cursor");
        assertThat(refusal("?f={from}&t={to}", "window", "5s", "start", "2026-01-01"))
                .contains("longer than overlap");
        assertThat(refusal("?f={from}&t={to}", "window", "10ms")).contains("at least 1s");
        assertThat(refusal("/{item}?o={offset}", "items", "direct:a")).contains("each item is one page");
        assertThat(refusal("?f={from}&t={to}", "window", "1h", "start", "2026-01-01"))
                .isEmpty();
    }

    @Test
    void aUserNameInTheAddressIsRefused() {
        assertThatThrownBy(() -> new HttpPullSource("https://user:canary@shop.example/x"))
                .hasMessageContaining("set username and password")
                .hasMessageNotContaining("canary");
    }
}
