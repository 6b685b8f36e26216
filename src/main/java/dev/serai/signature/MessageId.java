package dev.serai.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads message ids, which must fit into an HTTP header: visible ASCII only. */
public final class MessageId {

    private static final Pattern VISIBLE_ASCII = Pattern.compile("[\\x21-\\x7e]+");

    private MessageId() {}

    public static boolean isHeaderSafe(String id) {
        return VISIBLE_ASCII.matcher(id).matches();
    }

    /** Verified, with the id in this header if there is one; it is not covered by the signature. */
    public static Verdict verified(HeaderLookup headers, String idHeader) {
        if (headers.values(idHeader).isEmpty()) {
            return new Verified(null);
        }
        Refusal refused = headers.refuseUnlessOnce(idHeader);
        if (refused != null) {
            return refused;
        }
        String id = headers.value(idHeader);
        return isHeaderSafe(id)
                ? new Verified(id)
                : new Refusal(
                        RefusalReason.MALFORMED,
                        "The header " + idHeader + " is not a valid id: use visible ASCII characters only.");
    }

    /** Verified, with this id from the body; refused without one. */
    public static Verdict verified(@Nullable String id, String name) {
        if (id == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body has no " + name + ".");
        }
        return isHeaderSafe(id)
                ? new Verified(id)
                : new Refusal(
                        RefusalReason.MALFORMED,
                        "The body's " + name + " is not a valid id: use visible ASCII characters only.");
    }

    /**
     * Verified, with a hash of the signed body and of what the header says that it is about as id: the platform's own id is in a
     * header that is not signed, so a copied request could bring another one.
     */
    public static Verified verifiedByBody(HeaderLookup headers, String topicHeader, byte[] body) {
        return verifiedByContent((headers.value(topicHeader) + "\n").getBytes(UTF_8), body);
    }

    /** Verified, with a hash of the content as id. */
    public static Verified verifiedByContent(byte[]... parts) {
        return new Verified("sha256-" + HexFormat.of().formatHex(Digest.sha256(parts)));
    }
}
