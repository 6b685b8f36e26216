package dev.serai.signature;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a scheme found about one request. */
public sealed interface Verdict {

    /**
     * The request is the sender's and is fresh.
     *
     * @param id what identifies the change to its sender, or null when the scheme has no such thing
     * @param content what goes on in place of the body, or null if the body goes on as it came
     */
    record Verified(@Nullable String id, @Nullable Content content) implements Verdict {
        public Verified(@Nullable String id) {
            this(id, null);
        }
    }

    /**
     * What was inside a body, decrypted or decoded.
     *
     * @param headers what goes on beside it, by name; taken from what the signature covers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(byte[] body, String contentType, Map<String, String> headers) {
        public Content(byte[] body, String contentType) {
            this(body, contentType, Map.of());
        }
    }

    /** The request is the sender's and holds no change: it asks who is here, and this is the answer. */
    record Asked(Acknowledgement answer) implements Verdict {}

    /**
     * The request must not be believed.
     *
     * @param detail what is wrong and what to do, fit for the sender's eyes: no key, no signature and nothing the
     *     request itself brought
     */
    record Refusal(RefusalReason reason, String detail) implements Verdict {}

    /** Why a request is not believed. */
    enum RefusalReason {
        /** What the scheme needs is not in the request. */
        MISSING,
        /** It is there, but not in the scheme's form. */
        MALFORMED,
        /** It was signed too long ago, or in the future. */
        STALE,
        /** The signature is not that of this body under any of the keys. */
        FORGED,
        /** It is signed with a kind of key, or a key, that is not configured here. */
        UNKNOWN_KEY,
        /** It is the platform's own try whether forgeries are refused, so it tells of no attack. */
        PROBE;

        /** As it stands in answers, logs and metrics, like {@code unknown-key}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
