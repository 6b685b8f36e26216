package dev.serai.connector.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.IdentityHeaders;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.RestoreHeaders;
import dev.serai.text.DurationText;
import dev.serai.trace.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;

/**
 * Converts a delivery to a Kafka record: the change's key, the body, and the same headers as for an HTTP target ({@link
 * IdentityHeaders}, and the change's {@code traceparent} and {@code tracestate}), in UTF-8. A delete without a body becomes a record without a value, which deletes the key in a compacted
 * topic.
 *
 * <p>A batch becomes a list of such records, in its order; the producer keeps that order within a partition, and so per key.
 *
 * <p>All other headers are removed, because some of them, such as {@code CamelKafkaOverrideTopic}, change where the record is
 * sent. {@link RestoreHeaders} restores them.
 *
 * <p>Threads: safe.
 */
public final class KafkaSinkRequest implements Processor {

    private Duration timeout = Duration.ofSeconds(15);

    /** How long the records of a batch may wait to be sent, as in {@code 15s}. */
    public void setTimeout(String timeout) {
        this.timeout = Duration.ofMillis(DurationText.millis(timeout));
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        if (!ChangeBatch.isBatch(message)) {
            RestoreHeaders.keep(exchange);
            toRecord(message);
            return;
        }
        List<Exchange> records = new ArrayList<>();
        for (Exchange change : ChangeBatch.of(exchange)) {
            Exchange record = new DefaultExchange(exchange.getContext());
            record.setIn(change.getMessage().copy()); // the change itself is sent again after a failure
            toRecord(record.getIn());
            records.add(record);
        }
        RestoreHeaders.keep(exchange);
        message.setHeaders(new LinkedHashMap<>());
        message.setBody(new KafkaSinkBatch(records, timeout));
    }

    private static void toRecord(Message message) throws InvalidPayloadException {
        byte[] body = ChangeBatch.body(message);
        boolean deleted = body.length == 0 && ChangeBatch.isDelete(message);
        Map<String, Object> headers = new LinkedHashMap<>();
        IdentityHeaders.NAMES.forEach((from, name) -> put(headers, name, message.getHeader(from)));
        put(headers, Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
        TraceContext.HEADERS.forEach(name -> put(headers, name, message.getHeader(name)));
        put(headers, KafkaConstants.KEY, message.getHeader(LedgerConstants.KEY));
        message.setHeaders(headers);
        message.setBody(deleted ? null : body);
    }

    private static void put(Map<String, Object> headers, String name, @Nullable Object value) {
        if (value != null) {
            headers.put(name, value.toString().getBytes(UTF_8));
        }
    }
}
