package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Message ids, which have to fit into an HTTP header: visible ASCII only. */
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
                        "The header " + idHeader + " is no id: use visible ASCII characters only.");
    }

    /** Verified, with this id out of the body, which has to be there. */
    public static Verdict verified(@Nullable String id, String name) {
        if (id == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body holds no " + name + ".");
        }
        return isHeaderSafe(id)
                ? new Verified(id)
                : new Refusal(
                        RefusalReason.MALFORMED,
                        "The body's " + name + " is no id: use visible ASCII characters only.");
    }

    /** Verified, with an id that the same content always gets, and no other. */
    public static Verified verifiedByContent(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return new Verified("sha256-" + HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    /**
     * The id itself when a header can carry it; otherwise its UTF-8 bytes percent-encoded where needed, so that the
     * same id always gives the same header.
     */
    public static String headerSafe(String id) {
        if (isHeaderSafe(id)) {
            return id;
        }
        var safe = new StringBuilder();
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0x20 && b < 0x7f && b != '%') {
                safe.append((char) b);
            } else {
                safe.append(String.format("%%%02X", b & 0xff));
            }
        }
        return safe.toString();
    }
}
