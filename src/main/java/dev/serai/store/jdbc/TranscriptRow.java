package dev.serai.store.jdbc;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Attempt.Transcript;
import dev.serai.store.crypt.BodyCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt sent and was answered, as it is stored: in the form of a change's headers, and encrypted as they are, since it has
 * parts of the body.
 */
public final class TranscriptRow {
    private static final String REQUEST = "request";
    private static final String ANSWER = "answer";
    private static final byte[] EMPTY = new byte[0];
    private static final BodyCipher.Payload NONE = new BodyCipher.Payload(null, null, EMPTY);

    private TranscriptRow() {}

    /** The columns {@code transcript} and {@code sealed}. */
    public static BodyCipher.Payload stored(long sequence, Attempt attempt, BodyCipher bodies) {
        Transcript transcript = attempt.transcript();
        if (transcript == null) {
            return NONE;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(REQUEST, transcript.request());
        if (transcript.answer() != null) {
            texts.put(ANSWER, transcript.answer());
        }
        BodyCipher.Payload plain = new BodyCipher.Payload(null, StoredHeaders.write(texts), EMPTY);
        return bodies.sealed(owner(sequence, attempt), plain);
    }

    /** The attempt with its transcript; without it if that cannot be decrypted, which the body of the change says too. */
    static Attempt opened(long sequence, Attempt attempt, ResultSet row, BodyCipher bodies) throws SQLException {
        byte[] sealed = row.getBytes("sealed");
        BodyCipher.Payload stored =
                new BodyCipher.Payload(null, row.getString("transcript"), sealed == null ? EMPTY : sealed);
        try {
            Map<String, String> texts = StoredHeaders.read(
                    bodies.opened(owner(sequence, attempt), stored).headers());
            @Nullable String request = texts.get(REQUEST);
            return request == null
                    ? attempt
                    : new Attempt(
                            attempt.target(),
                            attempt.number(),
                            attempt.at(),
                            attempt.status(),
                            attempt.error(),
                            new Transcript(request, texts.get(ANSWER)));
        } catch (BodyCipher.AlteredException e) {
            return attempt;
        }
    }

    private static BodyCipher.Owner owner(long sequence, Attempt attempt) {
        return new BodyCipher.Owner(
                attempt.target().flow(),
                String.valueOf(sequence),
                "attempt for " + attempt.target().target(),
                String.valueOf(attempt.number()),
                0);
    }
}
