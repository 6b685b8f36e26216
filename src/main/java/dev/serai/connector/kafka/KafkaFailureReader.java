package dev.serai.connector.kafka;

import dev.serai.camel.ledger.FailureReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.ledger.delivery.Outcome;
import java.time.Instant;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Classifies the failures of Kafka's client. Time-outs and failed authentication or authorization affect all changes, so the
 * target is unreachable. A record that is too large or malformed affects only itself and is refused.
 *
 * <p>Threads: safe.
 */
public final class KafkaFailureReader implements FailureReader {

    @Override
    public @Nullable Outcome read(Throwable failure, Instant now) {
        if (failure instanceof InterruptException) { // this node is stopping
            return new Outcome.Interrupted();
        }
        if (failure instanceof RetriableException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException) {
            return new Outcome.Unreachable(FailureText.of(failure));
        }
        if (failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof SerializationException) {
            return new Outcome.Refused(null, FailureText.of(failure));
        }
        return null;
    }
}
