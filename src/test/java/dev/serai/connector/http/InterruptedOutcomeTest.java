package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.connector.http.token.AccessTokenException;
import dev.serai.ledger.delivery.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.common.errors.InterruptException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The outcome of a delivery that a stop of this node interrupts. */
class InterruptedOutcomeTest {
    private final OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

    static Stream<Exception> ofAStop() {
        return Stream.of(
                new InterruptedException(),
                new RuntimeCamelException(new InterruptedException()),
                new InterruptedIOException("Operation interrupted"),
                new InterruptException("interrupted"),
                new AccessTokenException("interrupted while a token was fetched", new InterruptedException()),
                new IllegalStateException("Connection pool shut down"));
    }

    @ParameterizedTest
    @MethodSource("ofAStop")
    void aStopOfThisNodeIsNotAFailureOfTheTarget(Exception failure) {
        assertThat(outcomes.of(failure)).isInstanceOf(Outcome.Interrupted.class);
        Thread.interrupted(); // Kafka's exception sets the flag
    }

    @ParameterizedTest
    @MethodSource("ofAStop")
    void itIsNotDeliveredEitherIfTheRouteHandlesFailures(Exception failure) throws IOException {
        try (DefaultCamelContext context = new LeanCamelContext(true)) {
            Exchange exchange = new DefaultExchange(context);
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
            assertThat(outcomes.of(exchange)).isInstanceOf(Outcome.Interrupted.class);
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new SocketTimeoutException("late"));
            assertThat(outcomes.of(exchange)).as("handled as the route says").isInstanceOf(Outcome.Delivered.class);
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void aTimeOutIsTheTargetsFailure() {
        assertThat(outcomes.of(new SocketTimeoutException("late")))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.outage())
                        .isTrue());
    }
}
