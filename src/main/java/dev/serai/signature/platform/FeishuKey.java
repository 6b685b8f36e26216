package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Base64Text;
import dev.serai.signature.Digest;
import dev.serai.signature.HmacKey;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * An Encrypt Key of Feishu. It signs with SHA-256 over a text that contains the key, and encrypts with AES-256-CBC
 * under the key's SHA-256; the initialisation vector comes first.
 *
 * <p>Whoever has a signature can append to the signed text and compute its signature (length extension), so nothing may
 * follow the JSON object in the body.
 */
final class FeishuKey {
    private static final int BLOCK_BYTES = 16;

    private final byte[] text;
    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private FeishuKey(String text) {
        this.text = text.getBytes(UTF_8);
        this.key = new SecretKeySpec(Digest.sha256(this.text), "AES");
    }

    static List<FeishuKey> ofText(String secret) {
        return HmacKey.listed(secret).stream().map(FeishuKey::new).toList();
    }

    byte[] sign(String timestamp, String nonce, byte[] body) {
        return Digest.sha256((timestamp + nonce).getBytes(UTF_8), text, body);
    }

    /**
     * Decrypts, or returns null for what cannot be encrypted text. Wrong padding stays in the content, so that neither
     * the answer nor its time reveals whether the padding was right.
     */
    byte @Nullable [] decrypt(String base64) {
        byte[] sealed = Base64Text.decode(base64);
        if (sealed == null || sealed.length < 2 * BLOCK_BYTES || sealed.length % BLOCK_BYTES != 0) {
            return null;
        }
        byte[] padded = crypt(
                Cipher.DECRYPT_MODE,
                "AES/CBC/NoPadding",
                Arrays.copyOf(sealed, BLOCK_BYTES),
                Arrays.copyOfRange(sealed, BLOCK_BYTES, sealed.length));
        int padding = padded[padded.length - 1];
        return padding >= 1 && padding <= BLOCK_BYTES ? Arrays.copyOf(padded, padded.length - padding) : padded;
    }

    String encrypt(byte[] content) {
        byte[] vector = new byte[BLOCK_BYTES];
        random.nextBytes(vector);
        byte[] encrypted = crypt(Cipher.ENCRYPT_MODE, "AES/CBC/PKCS5Padding", vector, content);
        byte[] sealed = Arrays.copyOf(vector, BLOCK_BYTES + encrypted.length);
        System.arraycopy(encrypted, 0, sealed, BLOCK_BYTES, encrypted.length);
        return Base64.getEncoder().encodeToString(sealed);
    }

    private byte[] crypt(int mode, String transformation, byte[] vector, byte[] content) {
        try {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(mode, key, new IvParameterSpec(vector));
            return cipher.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + transformation, e);
        }
    }
}
