package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.connector.http.pull.HttpPullSource;
import dev.serai.connector.http.token.AccessTokenException;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.connector.http.token.TokenOptions;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.CapturedLog;
import dev.serai.support.EndlessAnswer;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each HTTP client against servers whose answers never end. */
class EndlessAnswerTest {
    /** The size of the buffers of two sockets, in addition to the bytes that the client reads. */
    private static final long SENT_MAX = 24L << 20;

    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{remote}}"
                          timeout: 120s
            """;

    private static final String OWN = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: "{{remote}}"
                        parameters: { connectionsPerRoute: 3 }
            """;

    private static final String PULL = """
            - route:
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 1h
                    records: .
                    url: "{{remote}}"
                  steps:
                    - to: log:pulled
            """;

    @TempDir
    private Path data;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"CHUNK_EXTENSION", "TRAILERS", "TRAILER_LINE", "BODY"})
    void ofAnEndlessBodyTheStatusCounts(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part);
                var runner = new KameletRunner(data)) {
            runner.with(ROUTE, Map.of("remote", server.url("/in")));
            runner.start();
            Exchange result = runner.send("direct:in", "{}".getBytes(UTF_8), Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result)).isEqualTo(new Outcome.Delivered(200));
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CHUNK_EXTENSION", "TRAILERS", "TRAILER_LINE", "BODY"})
    void anEndlessHeadOfATargetIsAnOutage(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part);
                var runner = new KameletRunner(data)) {
            runner.with(ROUTE, Map.of("remote", server.url("/in")));
            runner.start();
            Exchange result = runner.send("direct:in", "{}".getBytes(UTF_8), Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                    .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                        assertThat(failed.outage()).isTrue();
                        assertThat(failed.error()).contains("the server ");
                    });
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BODY") // which these may have as long as the server sends
    void anEndlessAnswerOfASourceEndsTheRunOrIsRetried(EndlessAnswer.Part part) throws Exception {
        try (var log = new CapturedLog(HttpPullSource.class);
                var server = new EndlessAnswer(part);
                var runner = new KameletRunner(data)) {
            runner.with(PULL, Map.of("remote", server.url("/in"))).start();

            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("the server ")));
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BODY") // which these may have as long as the server sends
    void endlessHeadersToAUsersOwnHttpRouteAreAnOutage(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part);
                var runner = new KameletRunner(data)) {
            runner.with(OWN, Map.of("remote", server.url("/in"))).start();
            Exchange result = runner.send("direct:in", "{}".getBytes(UTF_8), Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                    .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                        assertThat(failed.outage()).isTrue();
                        assertThat(failed.error()).contains("the server ");
                    });
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndlessAnswerOfATokenServerNamesTheServer(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part)) {
            var options = new TokenOptions();
            options.setTokenUrl(server.url("/token"));
            options.setClientId("id");
            options.setClientSecret("secret");
            var tokens = TokenClient.of(
                    new LeanCamelContext(true), options, server.url("/in"), Duration.ofSeconds(120), () -> new HttpTls()
                            .connections(1, null));
            assertThatThrownBy(tokens::token)
                    .isInstanceOf(AccessTokenException.class)
                    .hasMessageContaining(server.url("/token"))
                    .message()
                    .containsAnyOf("the server passed a limit", "interim answers (1xx)", "the answer is longer than");
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }
}
