package dev.serai.connector.tcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.PushStatus;
import dev.serai.camel.http.ProblemReader;
import dev.serai.camel.http.PushCount;
import dev.serai.camel.http.ReceiptWriter;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.http.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Writes the frame that answers a change when its exchange is finished.
 *
 * <p>The receipt is {@code {"id":…,"sequence":…,"duplicate":false}}, with nulls if the route kept nothing; in sync mode it is as in
 * {@link ReceiptWriter}. A failure is {@code {"error":…,"status":…}} with the text and the status of HTTP, see {@link ProblemReader};
 * {@code "permanent":true} if sending the same again cannot help, {@code "retryAfter"} in seconds if it is known.
 *
 * <p>Threads: safe.
 */
final class TcpAnswerWriter {

    private final ProblemReader problems;
    private final PushStatus status;

    /** @param status counts the answers */
    TcpAnswerWriter(ProblemReader problems, PushStatus status) {
        this.problems = problems;
        this.status = status;
    }

    /** @param received the frame */
    byte[] of(Exchange exchange, byte[] received) {
        Throwable failure = ProblemReader.failure(exchange);
        if (failure == null) {
            PushCount.add(status, 200, exchange);
            return receipt(exchange.getMessage());
        }
        Problem problem = problems.of(failure, exchange, received);
        status.failed(problem.status(), ProblemReader.fault(exchange));
        return json(problem);
    }

    /** The answer to a failure outside the route. */
    byte[] failed(Exchange exchange, Throwable failure) {
        return of(problems.of(failure, exchange.getExchangeId()));
    }

    byte[] of(Problem problem) {
        status.refused(problem.status());
        return json(problem);
    }

    private static byte[] json(Problem problem) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("error", problem.detail())
                .put("status", problem.status());
        if (OutcomeReader.isPermanent(problem.status())) {
            json.put("permanent", true);
        }
        Duration retryAfter = problem.retryAfter();
        if (retryAfter != null) {
            json.put("retryAfter", Problem.wholeSeconds(retryAfter));
        }
        return bytes(json);
    }

    private static byte[] receipt(Message message) {
        Object outcome = message.getHeader(LedgerConstants.OUTCOME);
        if (outcome != null) {
            return ReceiptWriter.json(message, outcome);
        }
        return bytes(JsonNodeFactory.instance
                .objectNode()
                .put("id", message.getHeader(LedgerConstants.ID, String.class))
                .put("sequence", message.getHeader(LedgerConstants.SEQUENCE, Long.class))
                .put("duplicate", Boolean.TRUE.equals(message.getHeader(LedgerConstants.DUPLICATE))));
    }

    private static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
