package dev.serai.connector.tcp;

import dev.serai.camel.http.Problem;
import dev.serai.camel.http.ProblemReader;
import dev.serai.camel.http.ReceiptWriter;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.OutcomeReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Writes the answer to a change from its finished exchange.
 *
 * <p>The receipt is {@code {"id":…,"sequence":…,"duplicate":false}}, with nulls if the route took the change and kept nothing; in
 * sync mode it is as {@link ReceiptWriter} has it. Else it is {@code {"error":…,"status":…}} with the text and the number that HTTP would have given, see
 * {@link ProblemReader}; {@code "permanent":true} if sending the same again cannot help, {@code "retryAfter"} in seconds if it is known.
 *
 * <p>Threads: safe.
 */
final class TcpAnswerWriter {

    private final ProblemReader problems;

    TcpAnswerWriter(ProblemReader problems) {
        this.problems = problems;
    }

    byte[] of(Exchange exchange) {
        Throwable failure = ProblemReader.failure(exchange);
        return failure == null ? receipt(exchange.getMessage()) : failed(exchange, failure);
    }

    /** The answer to a failure outside the route. */
    byte[] failed(Exchange exchange, Throwable failure) {
        return of(problems.of(failure, exchange.getExchangeId()));
    }

    byte[] of(Problem problem) {
        StringBuilder json = new StringBuilder(160).append("{\"error\":");
        ReceiptWriter.string(json, problem.detail());
        json.append(",\"status\":").append(problem.status());
        if (OutcomeReader.isPermanent(problem.status())) {
            json.append(",\"permanent\":true");
        }
        Duration retryAfter = problem.retryAfter();
        if (retryAfter != null) {
            json.append(",\"retryAfter\":").append(Problem.wholeSeconds(retryAfter));
        }
        return bytes(json.append('}'));
    }

    private static byte[] receipt(Message message) {
        Object outcome = message.getHeader(LedgerConstants.OUTCOME);
        if (outcome != null) {
            return ReceiptWriter.withOutcome(message, outcome.toString());
        }
        StringBuilder json = new StringBuilder(96).append("{\"id\":");
        ReceiptWriter.string(json, message.getHeader(LedgerConstants.ID));
        json.append(",\"sequence\":").append(message.getHeader(LedgerConstants.SEQUENCE));
        json.append(",\"duplicate\":").append(Boolean.TRUE.equals(message.getHeader(LedgerConstants.DUPLICATE)));
        return bytes(json.append('}'));
    }

    private static byte[] bytes(StringBuilder json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
