package dev.serai.signature;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads RSA keys in PEM (RFC 7468) or the base64 of their DER, and signs and verifies with them: SHA256withRSA, PKCS #1
 * version 1.5 (RFC 8017 section 8.2).
 */
public final class RsaKeys {
    private static final String ALGORITHM = "SHA256withRSA";

    /** Text around the blocks is a comment. */
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** Shorter ones can be factored. */
    private static final int BITS_MIN = 2048;

    private RsaKeys() {}

    /**
     * Reads one public key.
     *
     * @throws IllegalArgumentException if it is not a public key; the message does not quote it
     */
    public static PublicKey publicKey(String text) {
        byte[] der = der(text, "PUBLIC KEY");
        PublicKey key = strong(generate(KeyFactory::generatePublic, new X509EncodedKeySpec(der), "an RSA public key"));
        if (key.getEncoded().length < der.length) { // Java ignores what follows, perhaps another key
            throw notReadable("one RSA public key alone");
        }
        return key;
    }

    /**
     * Reads one private key, as PKCS #8.
     *
     * @throws IllegalArgumentException if it is not a private key; the message does not quote it
     */
    public static PrivateKey privateKey(String text) {
        byte[] der = der(text, "PRIVATE KEY");
        return generate(KeyFactory::generatePrivate, new PKCS8EncodedKeySpec(der), "an RSA private key in PKCS #8");
    }

    /**
     * Reads the certificates of a PEM bundle.
     *
     * @throws IllegalArgumentException if there is none, or one has no RSA key
     */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> found = new ArrayList<>();
        Matcher blocks = PEM.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals("CERTIFICATE")) {
                found.add(certificate(decode(blocks.group(2))));
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("holds no certificate: it begins with -----BEGIN CERTIFICATE-----");
        }
        return found;
    }

    /** Whether this is the signature of the parts, taken as one text. False for any bytes that are not a signature. */
    public static boolean matches(PublicKey key, byte[] signature, byte[]... parts) {
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            for (byte[] part : parts) {
                verifier.update(part);
            }
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false; // of another length, or not a signature
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + ALGORITHM, e);
        }
    }

    /** The signature of the parts, taken as one text. */
    public static byte[] sign(PrivateKey key, byte[]... parts) {
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            for (byte[] part : parts) {
                signer.update(part);
            }
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot sign with " + ALGORITHM, e);
        }
    }

    private static byte[] der(String text, String label) {
        Matcher blocks = PEM.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals(label)) {
                return decode(blocks.group(2));
            }
        }
        if (text.contains("-----BEGIN")) {
            throw new IllegalArgumentException("holds no " + label + ": it begins with -----BEGIN " + label + "-----");
        }
        return decode(text);
    }

    private static byte[] decode(String base64) {
        byte[] der = Base64Text.decode(base64.replaceAll("\\s", ""));
        if (der == null) {
            throw notReadable("a key in PEM or base64");
        }
        return der;
    }

    private static X509Certificate certificate(byte[] der) {
        try (InputStream bytes = new ByteArrayInputStream(der)) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
            strong(certificate.getPublicKey());
            return certificate;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("holds a certificate that cannot be read", e);
        }
    }

    private static PublicKey strong(PublicKey key) {
        if (!(key instanceof RSAPublicKey rsa)) {
            throw notReadable("an RSA key");
        }
        if (rsa.getModulus().bitLength() < BITS_MIN) {
            throw new IllegalArgumentException("is shorter than " + BITS_MIN + " bits, which is too weak");
        }
        return key;
    }

    @FunctionalInterface
    private interface Generator<K> {
        K generate(KeyFactory factory, KeySpec spec) throws GeneralSecurityException;
    }

    private static <K> K generate(Generator<K> generator, KeySpec spec, String what) {
        try {
            return generator.generate(KeyFactory.getInstance("RSA"), spec);
        } catch (GeneralSecurityException e) {
            throw notReadable(what);
        }
    }

    private static IllegalArgumentException notReadable(String what) {
        return new IllegalArgumentException("is not " + what);
    }
}
