package dev.serai.connector.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.serai.text.ExactJson;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The position up to which a file has been read, as saved in the ledger.
 *
 * @param file its name
 * @param offset the byte at which the next record begins
 * @param line the number of lines before the offset
 * @param records the number of records read, including broken ones
 * @param broken the number of broken records
 * @param percent the part of the file's bytes that was read
 * @param content a hash of all bytes before the offset, by which the file is recognised
 * @param done whether the file is finished and was moved
 */
record FileCursor(
        String file, long offset, long line, long records, long broken, double percent, String content, boolean done) {
    private static final ObjectReader READER =
            ExactJson.MAPPER.readerFor(FileCursor.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    FileCursor {
        content = Objects.requireNonNullElse(content, ""); // one of an earlier version has another hash
    }

    /** The start of a file. */
    static FileCursor start(String file) {
        return new FileCursor(file, 0, 0, 0, 0, 0, "", false);
    }

    /** Parses a saved cursor; null if reading cannot continue from it. */
    static @Nullable FileCursor parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            FileCursor cursor = READER.readValue(value);
            boolean usable = cursor.file != null && cursor.offset >= 0 && cursor.line >= 0;
            return usable ? cursor : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    FileCursor finished() {
        return new FileCursor(file, offset, line, records, broken, 100, content, true);
    }

    @Override
    public String toString() {
        try {
            return ExactJson.MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a cursor is always JSON", e);
        }
    }
}
