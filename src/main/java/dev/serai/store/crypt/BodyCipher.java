package dev.serai.store.crypt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.ledger.model.StoreException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts bodies, with their headers and content type, by AES-256-GCM, and decrypts them.
 *
 * <p>A stored body is {@code version (1 byte) · salt (16) · number (8) · ciphertext and tag}; the column {@code headers} has
 * {@code aes-256-gcm} and the key's id, and no line end, which headers always have. Each opening of a ledger encrypts with a
 * key of its own, HMAC-SHA256 of the configured one over a random salt, and numbers its bodies: so no nonce comes twice,
 * however many there are, after a restored backup and with several ledgers under one key. Flow, id, key, version and operation of
 * the change are authenticated with it, so that no body can be put in the place of another one.
 *
 * <p>Threads: safe.
 */
public final class BodyCipher {
    /** No keys: bodies are stored as they are. */
    public static final BodyCipher NONE = new BodyCipher(null, Map.of());

    private static final String PREFIX = "aes-256-gcm ";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final byte VERSION = 1;
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int START_BYTES = 1 + SALT_BYTES + Long.BYTES;

    private final @Nullable EncryptionKey first;
    private final Map<String, EncryptionKey> keys;
    private final byte[] salt = new byte[SALT_BYTES];
    private final @Nullable SecretKeySpec own;
    private final AtomicLong number = new AtomicLong();

    /** What of a change is stored in its payload. */
    public record Payload(
            @Nullable String contentType, @Nullable String headers, byte[] body) {}

    /** To which change a payload belongs. */
    public record Owner(
            String flow, String id, String key, @Nullable String version, int operation) {
        private byte[] bytes(String keyId) {
            int size = 0;
            String[] texts = {PREFIX + keyId, flow, id, key, version};
            byte[][] parts = new byte[texts.length][];
            for (int i = 0; i < texts.length; i++) {
                parts[i] = texts[i] == null ? new byte[0] : texts[i].getBytes(UTF_8);
                size += Integer.BYTES + parts[i].length;
            }
            ByteBuffer bytes = ByteBuffer.allocate(size + 2);
            for (byte[] part : parts) {
                bytes.putInt(part.length).put(part);
            }
            return bytes.put((byte) (version == null ? 0 : 1))
                    .put((byte) operation)
                    .array();
        }
    }

    /** The body was altered, or is of another change. */
    public static final class AlteredException extends Exception {
        private static final long serialVersionUID = 1L;

        AlteredException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Bodies under these keys.
     *
     * @param first encrypts; null to store new bodies as they are
     */
    BodyCipher(@Nullable EncryptionKey first, Map<String, EncryptionKey> keys) {
        this.first = first;
        this.keys = new LinkedHashMap<>(keys);
        new SecureRandom().nextBytes(salt);
        this.own = first == null ? null : first.derived(salt);
    }

    /**
     * Reads the keys of {@code serai.ledger.encryption.keys}.
     *
     * @throws IllegalArgumentException with what to do, and without a key
     */
    public static BodyCipher of(String keys) {
        return EncryptionKeys.read(keys);
    }

    /** The id of the key that a stored payload is encrypted with; null if it is not. */
    public static @Nullable String keyId(@Nullable String headers) {
        return headers != null && headers.startsWith(PREFIX) && headers.indexOf('\n') < 0
                ? headers.substring(PREFIX.length())
                : null;
    }

    /** What the column headers has of a payload that is encrypted with a key. */
    public static String mark(String keyId) {
        return PREFIX + keyId;
    }

    /** The id of the key that encrypts; null if none does. */
    public @Nullable String firstId() {
        return first == null ? null : first.id();
    }

    /** The ids of all keys. */
    public List<String> ids() {
        return List.copyOf(keys.keySet());
    }

    /** Tells a key from others of its name; null if there is none of this name. */
    public @Nullable String fingerprint(String keyId) {
        EncryptionKey key = keys.get(keyId);
        return key == null ? null : key.fingerprint();
    }

    /** The payload as it is to be stored. */
    public Payload sealed(Owner owner, Payload plain) {
        EncryptionKey key = first;
        SecretKeySpec secret = own;
        if (key == null || secret == null) {
            return plain;
        }
        byte[] type = bytes(plain.contentType());
        byte[] headers = bytes(plain.headers());
        byte[] open = ByteBuffer.allocate(2 * Integer.BYTES + type.length + headers.length + plain.body().length)
                .putInt(plain.contentType() == null ? -1 : type.length)
                .put(type)
                .putInt(plain.headers() == null ? -1 : headers.length)
                .put(headers)
                .put(plain.body())
                .array();
        long count = number.getAndIncrement();
        byte[] stored = new byte[START_BYTES + open.length + TAG_BYTES];
        ByteBuffer.wrap(stored).put(VERSION).put(salt).putLong(count);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, secret, count);
            cipher.updateAAD(owner.bytes(key.id()));
            cipher.doFinal(open, 0, open.length, stored, START_BYTES);
        } catch (GeneralSecurityException e) {
            throw new StoreException("the body of " + owner.id() + " cannot be encrypted: " + e.getMessage(), e);
        }
        return new Payload(null, mark(key.id()), stored);
    }

    /**
     * The payload as it was before {@link #sealed}; one that is not encrypted is returned as it is.
     *
     * @throws AlteredException if what is stored is not what was encrypted for this change
     * @throws StoreException if its key is missing
     */
    public Payload opened(Owner owner, Payload stored) throws AlteredException {
        String keyId = keyId(stored.headers());
        if (keyId == null) {
            return stored;
        }
        EncryptionKey key = keys.get(keyId);
        if (key == null) {
            throw new StoreException("the body of change " + owner.id() + " is encrypted with the key " + keyId
                    + ", which serai.ledger.encryption.keys lacks: add it, and start the node again");
        }
        byte[] bytes = stored.body();
        if (bytes.length < START_BYTES + TAG_BYTES || bytes[0] != VERSION) {
            throw new AlteredException("it is not in the form of encrypted bodies", null);
        }
        ByteBuffer start = ByteBuffer.wrap(bytes, 1, START_BYTES - 1);
        byte[] itsSalt = new byte[SALT_BYTES];
        start.get(itsSalt);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key.derived(itsSalt), start.getLong());
            cipher.updateAAD(owner.bytes(keyId));
            return plain(ByteBuffer.wrap(cipher.doFinal(bytes, START_BYTES, bytes.length - START_BYTES)));
        } catch (GeneralSecurityException e) {
            throw new AlteredException("it was altered, or belongs to another change", e);
        }
    }

    private static Payload plain(ByteBuffer open) {
        String type = text(open);
        String headers = text(open);
        byte[] body = new byte[open.remaining()];
        open.get(body);
        return new Payload(type, headers, body);
    }

    private static @Nullable String text(ByteBuffer open) {
        int length = open.getInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        open.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(UTF_8);
    }

    private static Cipher cipher(int mode, SecretKeySpec key, long count) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .putLong(NONCE_BYTES - Long.BYTES, count)
                .array();
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        return cipher;
    }
}
