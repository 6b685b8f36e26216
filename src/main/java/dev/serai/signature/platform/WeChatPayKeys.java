package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.serai.signature.Base64Text;
import dev.serai.signature.HeaderLookup;
import dev.serai.signature.MessageId;
import dev.serai.signature.RsaKeys;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.TimeWindow;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * WeChat Pay's public keys, by serial, which verify notifications and answers of the API: {@code time\nnonce\nbody\n}
 * is signed.
 *
 * <p>Threads: safe.
 *
 * <p>See: https://pay.weixin.qq.com/doc/v3/merchant/4013053249
 */
final class WeChatPayKeys {
    static final String SERIAL = "Wechatpay-Serial";
    static final String TIMESTAMP = "Wechatpay-Timestamp";
    static final String NONCE = "Wechatpay-Nonce";
    static final String SIGNATURE = "Wechatpay-Signature";
    static final String TYPE = "Wechatpay-Signature-Type";
    static final String RSA = "WECHATPAY2-SHA256-RSA2048";
    static final Set<String> HEADERS = Set.of(SERIAL, TIMESTAMP, NONCE, SIGNATURE, TYPE);

    private static final String PROBE = "WECHATPAY/SIGNTEST/";
    private static final String PEM_END = "-----END PUBLIC KEY-----";

    /** A key and, if it came in one, its certificate. */
    private record PlatformKey(PublicKey key, @Nullable X509Certificate certificate) {}

    private final Map<String, PlatformKey> bySerial = new HashMap<>();
    private final @Nullable String preferred;
    private final TimeWindow window;

    /**
     * Reads {@code publicKeyId} and {@code publicKey} (several ids are separated by spaces, their PEM blocks follow each
     * other), and {@code certificates}.
     *
     * @throws IllegalArgumentException if they cannot be read; the message names the option, never its value
     */
    WeChatPayKeys(SchemeOptions options) {
        String ids = options.optional("publicKeyId");
        String keys = options.optional("publicKey");
        String bundle = options.optional("certificates");
        if ((ids == null) != (keys == null)) {
            throw new IllegalArgumentException(
                    "publicKeyId and publicKey belong together: set both, as the merchant platform shows them");
        }
        String first = null;
        if (ids != null && keys != null) {
            String[] names = ids.split("\\s+");
            addPublicKeys(names, keys);
            first = names[0];
        }
        if (bundle != null) {
            List<X509Certificate> certificates = SchemeOptions.read("certificates", bundle, RsaKeys::certificates);
            certificates.forEach(this::add);
            first = first != null ? first : serial(lastToExpire(certificates));
        }
        preferred = first;
        window = new TimeWindow(belowInSeconds(options.tolerance()));
    }

    private void addPublicKeys(String[] ids, String keys) {
        String[] blocks = ids.length == 1 ? new String[] {keys} : keys.split("(?<=" + PEM_END + ")\\s*");
        if (blocks.length != ids.length) {
            throw new IllegalArgumentException("publicKeyId names " + ids.length
                    + " keys, publicKey does not hold as many PEM blocks: give each id its key, in the same order");
        }
        for (int i = 0; i < ids.length; i++) {
            bySerial.put(ids[i], new PlatformKey(SchemeOptions.read("publicKey", blocks[i], RsaKeys::publicKey), null));
        }
    }

    private void add(X509Certificate certificate) {
        bySerial.put(serial(certificate), new PlatformKey(certificate.getPublicKey(), certificate));
    }

    private static X509Certificate lastToExpire(List<X509Certificate> certificates) {
        return certificates.stream()
                .max(Comparator.comparing(X509Certificate::getNotAfter))
                .orElseThrow();
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
    }

    /** WeChat Pay refuses at the limit already, others beyond it. */
    private static Duration belowInSeconds(Duration tolerance) {
        return Duration.ofSeconds(tolerance.minusNanos(1).toSeconds());
    }

    boolean isEmpty() {
        return bySerial.isEmpty();
    }

    /** The serial of the key that WeChat Pay is asked to sign with; null without keys. */
    @Nullable String preferredSerial() {
        return preferred;
    }

    /** The refusal if the message is not from WeChat Pay or not fresh, else null. It decrypts nothing. */
    @Nullable Refusal refuse(HeaderLookup headers, byte[] body, Instant now) {
        Refusal refused = refuseForm(headers);
        if (refused != null) {
            return refused;
        }
        refused = window.refuseOutside(TIMESTAMP, headers.value(TIMESTAMP), now);
        if (refused != null) {
            return refused;
        }
        PlatformKey key = bySerial.get(normal(headers.value(SERIAL)));
        if (key == null) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The header " + SERIAL + " names a key that is not configured here: set publicKeyId and publicKey,"
                            + " or add the platform's certificate (not the merchant's own) to certificates.");
        }
        refused = refuseOutOfDate(key.certificate, now);
        return refused != null ? refused : refuseForged(key.key, headers, body);
    }

    private static @Nullable Refusal refuseForm(HeaderLookup headers) {
        Refusal refused = headers.refuseUnlessOnce(SERIAL, TIMESTAMP, NONCE, SIGNATURE);
        if (refused != null) {
            return refused;
        }
        List<String> types = headers.values(TYPE);
        if (types.size() > 1) {
            return headers.refuseUnlessOnce(TYPE);
        }
        if (!headers.value(TYPE).isBlank() && !headers.value(TYPE).equals(RSA)) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The header " + TYPE + " is not " + RSA + ", the only type checked here.");
        }
        if (headers.value(SIGNATURE).startsWith(PROBE)) {
            return new Refusal(RefusalReason.PROBE, "This is WeChat Pay's test that forgeries are refused.");
        }
        if (!MessageId.isHeaderSafe(headers.value(NONCE))) {
            return new Refusal(
                    RefusalReason.MALFORMED, "The header " + NONCE + " may have visible ASCII characters only.");
        }
        return null;
    }

    /** Certificates are hexadecimal numbers, which some write in small letters or with zeros in front. */
    private static String normal(String serial) {
        return serial.matches("[0-9A-Fa-f]{1,64}")
                ? serial.toUpperCase(Locale.ROOT).replaceFirst("^0+(?=.)", "")
                : serial;
    }

    private static @Nullable Refusal refuseOutOfDate(@Nullable X509Certificate certificate, Instant now) {
        if (certificate == null) {
            return null;
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The certificate that the header " + SERIAL + " names has expired: get the platform's new one and"
                            + " put it into certificates.");
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The certificate that the header " + SERIAL + " names is not valid yet: check this machine's"
                            + " clock.");
        }
        return null;
    }

    private static @Nullable Refusal refuseForged(PublicKey key, HeaderLookup headers, byte[] body) {
        byte[] signature = Base64Text.decode(headers.value(SIGNATURE));
        if (signature == null) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + SIGNATURE + " is not base64.");
        }
        if (RsaKeys.matches(key, signature, signed(headers.value(TIMESTAMP), headers.value(NONCE)), body, END)) {
            return null;
        }
        return new Refusal(
                RefusalReason.FORGED,
                "The header " + SIGNATURE + " is not the signature of this time, nonce and body: check that the key"
                        + " of this serial is the platform's and that nothing on the way changes the body.");
    }

    /** What is signed after the body. */
    static final byte[] END = {'\n'};

    /** What is signed before the body. */
    static byte[] signed(String timestamp, String nonce) {
        return (timestamp + "\n" + nonce + "\n").getBytes(US_ASCII);
    }
}
