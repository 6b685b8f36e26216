package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A merchant's APIv3 keys, which encrypt the content of notifications: AES-256-GCM with the tag at the end. There are
 * several while one is being replaced.
 *
 * <p>Threads: safe.
 *
 * <p>See: https://pay.weixin.qq.com/docs/partner/products/notification/decryption.html
 */
final class ApiV3Keys {
    private static final int KEY_BYTES = 32;
    private static final int TAG_BITS = 128;

    private final List<SecretKeySpec> keys;

    /**
     * @param text keys of 32 bytes each, separated by spaces
     * @throws IllegalArgumentException if one has another length; the message does not quote it
     */
    ApiV3Keys(String text) {
        keys = Arrays.stream(text.split("\\s+")).map(ApiV3Keys::key).toList();
    }

    private static SecretKeySpec key(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("must be " + KEY_BYTES + " bytes, as set in the merchant platform, not "
                    + bytes.length + "; several keys are separated by spaces");
        }
        return new SecretKeySpec(bytes, "AES");
    }

    /** The plain text; null if it was not encrypted with any of these keys, or is not all as it was. */
    byte @Nullable [] decrypt(byte[] ciphertext, byte[] nonce, byte[] associatedData) {
        if (ciphertext.length < TAG_BITS / Byte.SIZE) {
            return null; // Java's cipher fails on these with an unchecked exception
        }
        for (SecretKeySpec key : keys) {
            try {
                return crypt(Cipher.DECRYPT_MODE, key, ciphertext, nonce, associatedData);
            } catch (GeneralSecurityException e) {
                continue; // encrypted with another key, or not at all
            }
        }
        return null;
    }

    /** Encrypts with the first key. */
    byte[] encrypt(byte[] plain, byte[] nonce, byte[] associatedData) {
        try {
            return crypt(Cipher.ENCRYPT_MODE, keys.get(0), plain, nonce, associatedData);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot encrypt with AES-256-GCM", e);
        }
    }

    private static byte[] crypt(int mode, SecretKeySpec key, byte[] text, byte[] nonce, byte[] associatedData)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(text);
    }
}
