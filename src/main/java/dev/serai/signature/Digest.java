package dev.serai.signature;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Hashes of bytes. */
public final class Digest {

    private Digest() {}

    /** SHA-256 of the parts, one after the other. */
    public static byte[] sha256(byte[]... parts) {
        return of("SHA-256", parts);
    }

    /** SHA-1, only where a platform requires it. */
    public static byte[] sha1(byte[]... parts) {
        return of("SHA-1", parts);
    }

    /** SHA-1 of bytes that come one after the other. */
    public static MessageDigest newSha1() {
        return newDigest("SHA-1");
    }

    private static byte[] of(String algorithm, byte[]... parts) {
        MessageDigest digest = newDigest(algorithm);
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest newDigest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no " + algorithm, e);
        }
    }
}
