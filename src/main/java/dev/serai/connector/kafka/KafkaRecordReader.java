package dev.serai.connector.kafka;

import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.SteeringHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Converts the message of a Kafka record to a change.
 *
 * <p>{@code CamelLedgerId} is the record's id header, or {@code topic-partition-offset} without one. {@code CamelLedgerKey} is
 * the record's key as text, or {@code 0x…} if it is not text. {@code CamelLedgerOperation} is {@code delete} for a record
 * without a value. {@code CamelKafkaTopic, CamelKafkaPartition, CamelKafkaOffset} and {@code CamelKafkaTimestamp} are kept for
 * expressions. Headers of the record are kept if they are text and do not control Camel.
 *
 * <p>Threads: safe.
 */
final class KafkaRecordReader {
    private final String idHeader;

    KafkaRecordReader(String idHeader) {
        this.idHeader = idHeader;
    }

    /** Replaces all headers; the body stays the record's value. */
    void read(Message message) {
        Map<String, Object> headers = new LinkedHashMap<>();
        Headers own = message.getHeader(KafkaConstants.HEADERS, Headers.class);
        if (own != null) {
            own.forEach(header -> keep(header, headers));
        }
        Object topic = message.getHeader(KafkaConstants.TOPIC);
        Object partition = message.getHeader(KafkaConstants.PARTITION);
        Object offset = message.getHeader(KafkaConstants.OFFSET);
        Header id = own == null ? null : own.lastHeader(idHeader);
        String given = id == null ? null : text(id.value());
        headers.put(LedgerConstants.ID, given == null ? topic + "-" + partition + "-" + offset : given);
        if (message.getHeader(KafkaConstants.KEY) instanceof byte[] key) {
            String text = text(key);
            headers.put(
                    LedgerConstants.KEY, text == null ? "0x" + HexFormat.of().formatHex(key) : text);
        }
        headers.put(LedgerConstants.OPERATION, message.getBody() == null ? "delete" : "upsert");
        headers.put(KafkaConstants.TOPIC, topic);
        headers.put(KafkaConstants.PARTITION, partition);
        headers.put(KafkaConstants.OFFSET, offset);
        headers.put(KafkaConstants.TIMESTAMP, message.getHeader(KafkaConstants.TIMESTAMP));
        message.removeHeaders("*");
        headers.forEach(message::setHeader);
    }

    private static void keep(Header header, Map<String, Object> headers) {
        String text = text(header.value());
        if (text != null && !SteeringHeaders.includes(header.key())) {
            headers.put(header.key(), text);
        }
    }

    /** The bytes as text; null if they are empty, not UTF-8, or contain a NUL. */
    private static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.indexOf('\0') < 0 ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
