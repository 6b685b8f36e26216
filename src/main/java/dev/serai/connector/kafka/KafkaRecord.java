package dev.serai.connector.kafka;

import dev.serai.camel.ledger.BrokenRecord;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * A record of a batch.
 *
 * @param content the exchange of its change, or a {@link BrokenRecord}
 * @param value its bytes; empty for a record without a value
 * @param writtenAt its timestamp; null if it has none
 * @param commit commits the offset behind it
 */
record KafkaRecord(
        String topic,
        int partition,
        long offset,
        Object content,
        byte[] value,
        @Nullable Instant writtenAt,
        @Nullable KafkaManualCommit commit) {

    /** Names it in dead letters and as an id. */
    String place() {
        return topic + "-" + partition + "-" + offset;
    }

    boolean isBroken() {
        return content instanceof BrokenRecord;
    }

    /** What to send: a copy, so that steps of the route do not change what may be sent again. */
    Object toSend() {
        return content instanceof Exchange exchange ? ExchangeHelper.createCopy(exchange, false) : content;
    }

    KafkaRecord refused(String reason) {
        return new KafkaRecord(
                topic, partition, offset, BrokenRecord.of(place(), reason, value), value, writtenAt, commit);
    }
}
