package dev.serai.store.crypt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key of 256 bits with the name by which stored bodies refer to it. */
final class EncryptionKey {
    static final int BYTES = 32;
    private static final String MAC = "HmacSHA256";
    private static final int FINGERPRINT_BYTES = 8;

    private final String id;
    private final SecretKeySpec mac;

    EncryptionKey(String id, byte[] secret) {
        this.id = id;
        this.mac = new SecretKeySpec(secret, MAC);
    }

    String id() {
        return id;
    }

    /** Tells this key from another one of its name, and nothing else. */
    String fingerprint() {
        byte[] sum = hmac("serai ledger key".getBytes(UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(sum, FINGERPRINT_BYTES));
    }

    /** The key for all bodies that have this salt. */
    SecretKeySpec derived(byte[] salt) {
        return new SecretKeySpec(hmac(salt), "AES");
    }

    private byte[] hmac(byte[] text) {
        try {
            Mac hmac = Mac.getInstance(MAC);
            hmac.init(mac);
            return hmac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    @Override
    public String toString() {
        return "the key " + id;
    }
}
