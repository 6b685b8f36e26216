package dev.serai.connector.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.IdentityHeaders;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.RestoreHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.jspecify.annotations.Nullable;

/**
 * Converts a delivery to a Kafka record: the change's key, the body, and the same headers as for an HTTP target ({@link
 * IdentityHeaders}), in UTF-8. A delete without a body becomes a record without a value, which deletes the key in a compacted
 * topic.
 *
 * <p>All other headers are removed, because some of them, such as {@code CamelKafkaOverrideTopic}, change where the record is
 * sent. {@link RestoreHeaders} restores them.
 *
 * <p>Threads: safe.
 */
public final class KafkaSinkRequest implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = ChangeBatch.body(message);
        boolean deleted = body.length == 0 && ChangeBatch.isDelete(message);
        Map<String, Object> headers = new LinkedHashMap<>();
        IdentityHeaders.NAMES.forEach((from, name) -> put(headers, name, message.getHeader(from)));
        put(headers, Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
        put(headers, KafkaConstants.KEY, message.getHeader(LedgerConstants.KEY));

        RestoreHeaders.keep(exchange);
        message.setHeaders(headers);
        message.setBody(deleted ? null : body);
    }

    private static void put(Map<String, Object> headers, String name, @Nullable Object value) {
        if (value != null) {
            headers.put(name, value.toString().getBytes(UTF_8));
        }
    }
}
