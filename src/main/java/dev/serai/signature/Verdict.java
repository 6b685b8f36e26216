package dev.serai.signature;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of verifying one request. */
public sealed interface Verdict {

    /**
     * The sender is authentic and the request is recent.
     *
     * @param id the sender's id of the change, or null if the scheme has none
     * @param content replaces the body, or null to keep it
     */
    record Verified(@Nullable String id, @Nullable Content content) implements Verdict {
        public Verified(@Nullable String id) {
            this(id, null);
        }
    }

    /**
     * The decrypted or decoded content of a body.
     *
     * @param headers headers to add, by name, from what the signature covers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(byte[] body, String contentType, Map<String, String> headers) {
        public Content(byte[] body, String contentType) {
            this(body, contentType, Map.of());
        }
    }

    /** The request is authentic and is the platform's check of the address; this is its answer. */
    record Asked(Acknowledgement answer) implements Verdict {}

    /**
     * The request is not authentic.
     *
     * @param detail what is wrong and what to do, shown to the sender: no key, no signature and nothing from the
     *     request
     */
    record Refusal(RefusalReason reason, String detail) implements Verdict {}

    /** Why a request is refused. */
    enum RefusalReason {
        /** A part that the scheme needs is missing. */
        MISSING,
        /** It does not have the scheme's form. */
        MALFORMED,
        /** It was signed too long ago, or in the future. */
        STALE,
        /** The signature is not that of this body under any of the keys. */
        FORGED,
        /** The key, or its kind, is not configured here. */
        UNKNOWN_KEY,
        /** The platform's own test that forgeries are refused; not an attack. */
        PROBE;

        /** As in answers, logs and metrics: {@code unknown-key}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
