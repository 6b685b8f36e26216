package dev.serai.ledger.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Stable 64-bit hashes of names, the first eight bytes of SHA-256.
 *
 * <p>They are stored, so the algorithm must never change. They need not be unique: two keys with the same hash only wait
 * for each other, and ids found by hash are compared in full.
 */
public final class Hash {
    private static final ThreadLocal<MessageDigest> SHA256 = ThreadLocal.withInitial(Hash::newSha256);

    private Hash() {}

    /** The hash of a record's key. */
    public static long of(String key) {
        return ByteBuffer.wrap(SHA256.get().digest(key.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    /** The hash of a name within a flow, for example of a change's id. */
    public static long of(String flow, String name) {
        MessageDigest sha256 = SHA256.get();
        sha256.update(flow.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0);
        return ByteBuffer.wrap(sha256.digest(name.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    /** SHA-256 of two parts, one after the other. */
    public static byte[] sha256(byte[] first, byte[] second) {
        MessageDigest sha256 = SHA256.get();
        sha256.update(first);
        return sha256.digest(second);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
