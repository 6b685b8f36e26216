package dev.serai.connector.pull;

import dev.serai.camel.ledger.BrokenRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of a source that go on together.
 *
 * @param records JSON, or a {@link BrokenRecord}; may be empty
 * @param place where the first record is, for its dead letter
 * @param position where the next batch begins
 * @param cursor the cursor to save with the records; null to keep the saved one
 * @param isLast whether nothing is left to read in this run
 */
public record Batch(
        List<Object> records,
        String place,
        String position,
        @Nullable String cursor,
        boolean isLast) {

    /** This batch with its only record given up. */
    Batch refused(String reason) {
        Object record = records.get(0);
        byte[] text = record.toString().getBytes(StandardCharsets.UTF_8);
        return new Batch(List.of(BrokenRecord.of(place, reason, text)), place, position, cursor, isLast);
    }
}
