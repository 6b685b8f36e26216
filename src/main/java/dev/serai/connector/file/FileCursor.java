package dev.serai.connector.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/**
 * How far a file has been read, as the ledger keeps it.
 *
 * @param file its name
 * @param offset the byte at which the next record begins
 * @param line how many lines lie before it
 * @param records how many records, broken ones included
 * @param broken how many of these are broken
 * @param percent of the file's bytes
 * @param before the hash of the bytes before the offset, by which the file is known again
 * @param done whether the file is finished and out of the way
 */
record FileCursor(
        String file, long offset, long line, long records, long broken, double percent, String before, boolean done) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** At the beginning of a file. */
    static FileCursor start(String file) {
        return new FileCursor(file, 0, 0, 0, 0, 0, "", false);
    }

    /** What was saved; null if it is nothing that can be gone on from. */
    static @Nullable FileCursor parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            FileCursor cursor = JSON.readValue(value, FileCursor.class);
            boolean usable = cursor.file != null && cursor.before != null && cursor.offset >= 0 && cursor.line >= 0;
            return usable ? cursor : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    FileCursor finished() {
        return new FileCursor(file, offset, line, records, broken, 100, before, true);
    }

    @Override
    public String toString() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a cursor is always JSON", e);
        }
    }
}
