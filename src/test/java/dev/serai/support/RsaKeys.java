package dev.serai.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** RSA keys of 2048 bits, read from {@code rsa-keys.pem}: to make one takes a second of processor time. */
public final class RsaKeys {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\n(.+?)-----END PRIVATE KEY-----", Pattern.DOTALL);
    private static final List<KeyPair> PAIRS = read();
    private static final AtomicInteger NEXT = new AtomicInteger();

    private RsaKeys() {}

    /** Another pair than the five before it. Threads: safe. */
    public static KeyPair next() {
        return PAIRS.get(Math.floorMod(NEXT.getAndIncrement(), PAIRS.size()));
    }

    private static List<KeyPair> read() {
        try (InputStream in = RsaKeys.class.getResourceAsStream("rsa-keys.pem")) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return KEY.matcher(text)
                    .results()
                    .map(key -> pair(Base64.getMimeDecoder().decode(key.group(1))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair pair(byte[] der) {
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey key = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
