package dev.serai.signature.platform;

import dev.serai.signature.Base64Text;
import dev.serai.signature.RsaKeys;
import dev.serai.signature.SchemeOptions;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Alipay's public keys, which verify notifications and answers of the gateway: SHA256withRSA, which Alipay calls RSA2.
 * Alipay does not say which key it used.
 *
 * <p>Threads: safe.
 */
final class AlipayKeys {
    static final String OPTION = "alipayPublicKey";

    private static final Pattern BETWEEN_PEM = Pattern.compile("(?<=-----END PUBLIC KEY-----)\\s*");

    /** Whitespace before the first characters of an RSA public key in base64, so that a key may have line breaks. */
    private static final Pattern BETWEEN_BASE64 = Pattern.compile("\\s+(?=MII[A-Za-z0-9+/]{2}jANBgkqhkiG9w0BAQEF)");

    private final List<PublicKey> keys;

    private AlipayKeys(List<PublicKey> keys) {
        this.keys = keys;
    }

    /** Without a key: for those who only sign. */
    static AlipayKeys none() {
        return new AlipayKeys(List.of());
    }

    /**
     * Reads {@code alipayPublicKey}: PEM blocks one after the other, or keys in base64 with white space between.
     *
     * @throws IllegalArgumentException if it is not set or cannot be read; the message names the option, never its value
     */
    static AlipayKeys of(SchemeOptions options) {
        String value = options.required(OPTION);
        Pattern between = value.contains("-----BEGIN") ? BETWEEN_PEM : BETWEEN_BASE64;
        return new AlipayKeys(Arrays.stream(between.split(value))
                .map(key -> SchemeOptions.read(OPTION, key, RsaKeys::publicKey))
                .toList());
    }

    /** What the base64 of a signature says; empty if it is none, which no key matches. */
    static byte[] signature(String base64) {
        byte[] signature = Base64Text.decode(base64);
        return signature == null ? new byte[0] : signature;
    }

    /** Whether one of the keys signed this. */
    boolean match(byte[] signature, byte[] content) {
        return keys.stream().anyMatch(key -> RsaKeys.matches(key, signature, content));
    }
}
