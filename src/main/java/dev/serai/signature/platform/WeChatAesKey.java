package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Base64Text;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * An EncodingAESKey, with which WeChat encrypts messages: AES-256-CBC, with the key's first 16 bytes as the
 * initialisation vector, over 16 random bytes, the message's length, the message, and the app it is for; padded to
 * blocks of 32 bytes, which Java's own padding cannot do.
 *
 * <p>Threads: safe.
 *
 * <p>See: https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/message_push.html
 */
final class WeChatAesKey {
    private static final int KEY_TEXT_LENGTH = 43;
    private static final int VECTOR_BYTES = 16;
    private static final int RANDOM_BYTES = 16;
    private static final int CIPHER_BLOCK_BYTES = 16;
    private static final int PADDED_BLOCK_BYTES = 32;

    /** What was encrypted, and the app that it names. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Opened(byte[] message, String appId) {}

    private final SecretKeySpec key;
    private final IvParameterSpec vector;
    private final SecureRandom random = new SecureRandom();

    /**
     * Reads a key.
     *
     * @param text 43 characters
     * @throws IllegalArgumentException if it is not a key; the message does not quote it
     */
    WeChatAesKey(String text) {
        if (text.length() != KEY_TEXT_LENGTH) {
            throw new IllegalArgumentException(
                    "must be " + KEY_TEXT_LENGTH + " characters, as the console shows it, not " + text.length());
        }
        byte[] bytes = Base64Text.decode(text + "=");
        if (bytes == null) {
            throw new IllegalArgumentException("may have letters and digits only, as the console shows it");
        }
        key = new SecretKeySpec(bytes, "AES");
        vector = new IvParameterSpec(bytes, 0, VECTOR_BYTES);
    }

    /** Null if it was not encrypted with this key. */
    @Nullable Opened open(byte[] encrypted) {
        if (encrypted.length == 0 || encrypted.length % CIPHER_BLOCK_BYTES != 0) {
            return null;
        }
        byte[] padded = crypt(Cipher.DECRYPT_MODE, encrypted);
        int padding = padded[padded.length - 1];
        int end = padded.length - padding;
        int begin = RANDOM_BYTES + Integer.BYTES;
        if (padding < 1 || padding > PADDED_BLOCK_BYTES || end < begin) {
            return null;
        }
        int length = ByteBuffer.wrap(padded, RANDOM_BYTES, Integer.BYTES).getInt();
        if (length < 0 || length > end - begin) {
            return null;
        }
        byte[] message = Arrays.copyOfRange(padded, begin, begin + length);
        return new Opened(message, new String(padded, begin + length, end - begin - length, UTF_8));
    }

    byte[] seal(byte[] message, String appId) {
        byte[] app = appId.getBytes(UTF_8);
        byte[] start = new byte[RANDOM_BYTES];
        random.nextBytes(start);
        int length = RANDOM_BYTES + Integer.BYTES + message.length + app.length;
        int padding = PADDED_BLOCK_BYTES - length % PADDED_BLOCK_BYTES;
        ByteBuffer padded = ByteBuffer.allocate(length + padding)
                .put(start)
                .putInt(message.length)
                .put(message)
                .put(app);
        Arrays.fill(padded.array(), length, length + padding, (byte) padding);
        return crypt(Cipher.ENCRYPT_MODE, padded.array());
    }

    private byte[] crypt(int mode, byte[] bytes) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(mode, key, vector);
            return cipher.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no AES-256-CBC", e);
        }
    }
}
