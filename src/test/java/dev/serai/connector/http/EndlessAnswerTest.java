package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.target.Outcome;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers whose answers never end, at each client for HTTP. */
class EndlessAnswerTest {
    /** What fits into the buffers of two sockets, over what the client takes. */
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

    @TempDir
    private Path data;

    @ParameterizedTest
    @EnumSource
    void aTargetThatNeverEndsItsAnswerIsAnOutageAndNotTheChangesFault(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part);
                var runner = new KameletRunner(data)) {
            runner.with(ROUTE, Map.of("remote", server.url("/in")));
            runner.start();
            Exchange result = runner.send("direct:in", "{}".getBytes(UTF_8), Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                    .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                        assertThat(failed.outage()).isTrue();
                        assertThat(failed.error()).containsAnyOf("the server ", "the answer is longer than");
                    });
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTokenServerThatNeverEndsItsAnswerIsNamed(EndlessAnswer.Part part) throws Exception {
        try (var server = new EndlessAnswer(part)) {
            var credentials = new ClientCredentials(
                    server.url("/token"),
                    "id",
                    "secret",
                    null,
                    Duration.ofSeconds(120),
                    new HttpTls(),
                    InstantSource.system());
            assertThatThrownBy(credentials::authorization)
                    .isInstanceOf(AccessTokenException.class)
                    .hasMessageContaining(server.url("/token"))
                    .hasMessageContaining("the ");
            assertThat(server.sent()).isLessThan(SENT_MAX);
        }
    }
}
