package dev.serai.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key of an HMAC (RFC 2104), with SHA-256 unless another hash is named. */
public final class HmacKey implements SignatureKey {

    private static final String SHA256 = "HmacSHA256";

    /** Longer than the words of a pass phrase, shorter than random secrets. */
    private static final int LISTED_SECRET_LENGTH_MIN = 16;

    private final SecretKeySpec key;

    public HmacKey(byte[] key) {
        this(key, SHA256);
    }

    private HmacKey(byte[] key, String algorithm) {
        this.key = new SecretKeySpec(key, algorithm);
    }

    /** The keys in a secret that is text, see {@link #listed}. */
    public static List<HmacKey> ofText(String secret) {
        return ofText(secret, SHA256);
    }

    /** As {@link #ofText(String)}, for another hash, as Java names it. */
    public static List<HmacKey> ofText(String secret, String algorithm) {
        return listed(secret).stream()
                .map(text -> new HmacKey(text.getBytes(StandardCharsets.UTF_8), algorithm))
                .toList();
    }

    /**
     * Splits a text into secrets at spaces, but only if every part is long enough to be a secret. Otherwise it is one
     * secret that contains spaces, and its words must not become keys.
     */
    public static List<String> listed(String secret) {
        List<String> words = List.of(secret.split("\\s+"));
        boolean list = words.stream().allMatch(word -> word.length() >= LISTED_SECRET_LENGTH_MIN);
        return list ? words : List.of(secret);
    }

    @Override
    public boolean matches(byte[] signature, byte[]... parts) {
        return MessageDigest.isEqual(sign(parts), signature);
    }

    @Override
    public byte[] sign(byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + key.getAlgorithm(), e);
        }
    }

    @Override
    public boolean canSign() {
        return true;
    }
}
