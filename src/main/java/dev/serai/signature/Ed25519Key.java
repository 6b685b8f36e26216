package dev.serai.signature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A key of Ed25519 (RFC 8032), read from raw bytes instead of a PEM file. */
final class Ed25519Key implements SignatureKey {

    private static final String ALGORITHM = "Ed25519";
    private static final int KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;

    private final PublicKey publicKey;
    private final @Nullable PrivateKey privateKey;

    private Ed25519Key(PublicKey publicKey, @Nullable PrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
    }

    /** A key that only verifies, from the 32 bytes of RFC 8032 section 5.1.5. */
    static Ed25519Key ofPublic(byte[] raw) {
        if (raw.length != KEY_BYTES) {
            throw new IllegalArgumentException("holds a public key that is not 32 bytes long");
        }
        try {
            var spec = new EdECPublicKeySpec(NamedParameterSpec.ED25519, point(raw));
            var key = new Ed25519Key(KeyFactory.getInstance(ALGORITHM).generatePublic(spec), null);
            key.check(new byte[SIGNATURE_BYTES]); // only here the JDK checks that the point is on the curve
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("holds a public key that is not a point of Ed25519", e);
        }
    }

    /** A key that also signs, from the private key's 32 bytes, optionally followed by the public key's 32 bytes. */
    static Ed25519Key ofPrivate(byte[] raw) {
        if (raw.length != KEY_BYTES && raw.length != 2 * KEY_BYTES) {
            throw new IllegalArgumentException("holds a private key that is neither 32 nor 64 bytes long");
        }
        byte[] seed = Arrays.copyOf(raw, KEY_BYTES);
        KeyPair pair = pair(seed);
        byte[] publicBytes = bytes(((EdECPublicKey) pair.getPublic()).getPoint());
        if (raw.length > KEY_BYTES
                && !MessageDigest.isEqual(publicBytes, Arrays.copyOfRange(raw, KEY_BYTES, raw.length))) {
            throw new IllegalArgumentException("holds a private key whose two halves do not belong together");
        }
        return new Ed25519Key(pair.getPublic(), pair.getPrivate());
    }

    /**
     * The JDK computes a public key only while it generates a pair, so this generates one with the private key in place
     * of random bytes, and checks that they were used.
     */
    private static KeyPair pair(byte[] seed) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, new FixedBytes(seed));
            KeyPair pair = generator.generateKeyPair();
            byte[] used = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            if (!MessageDigest.isEqual(used, seed)) {
                throw new IllegalStateException("This Java cannot derive Ed25519 public keys; configure whpk_ keys");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + ALGORITHM, e);
        }
    }

    @Override
    public boolean matches(byte[] signature, byte[]... parts) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            return check(signature, parts);
        } catch (SignatureException e) {
            return false; // 64 bytes that cannot be a signature
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The Ed25519 key worked when it was made and does not now", e);
        }
    }

    private boolean check(byte[] signature, byte[]... parts) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(publicKey);
        for (byte[] part : parts) {
            verifier.update(part);
        }
        return verifier.verify(signature);
    }

    @Override
    public byte[] sign(byte[]... parts) {
        if (privateKey == null) {
            throw new IllegalArgumentException("secret holds a public key, which cannot sign");
        }
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(privateKey);
            for (byte[] part : parts) {
                signer.update(part);
            }
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Signing with Ed25519 failed", e);
        }
    }

    @Override
    public boolean canSign() {
        return privateKey != null;
    }

    /** The point's y, little-endian, with the lowest bit of x in the top bit. */
    private static EdECPoint point(byte[] raw) {
        byte[] y = reversed(raw);
        boolean xOdd = (y[0] & 0x80) != 0;
        y[0] &= 0x7f;
        return new EdECPoint(xOdd, new BigInteger(1, y));
    }

    private static byte[] bytes(EdECPoint point) {
        byte[] y = reversed(point.getY().toByteArray()); // below 2^255, so never longer than 32 bytes
        byte[] raw = Arrays.copyOf(y, KEY_BYTES);
        if (point.isXOdd()) {
            raw[KEY_BYTES - 1] |= (byte) 0x80;
        }
        return raw;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static final class FixedBytes extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] bytes;

        FixedBytes(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        @Override
        public void nextBytes(byte[] target) {
            System.arraycopy(bytes, 0, target, 0, Math.min(bytes.length, target.length));
        }
    }
}
