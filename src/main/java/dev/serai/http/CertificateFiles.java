package dev.serai.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The files with a server's certificate and its key, as properties name them: two PEM files, or a PKCS12 file. A failure names
 * the property.
 *
 * <p>Threads: safe.
 */
public final class CertificateFiles {
    private static final long BYTES_MAX = 1 << 20;
    private static final byte[] PROBE = "does the key belong to the certificate".getBytes(StandardCharsets.US_ASCII);

    private final String prefix;
    private final boolean isPem;
    private final Path certificate;
    private final @Nullable Path key;
    private final String password;

    private CertificateFiles(String prefix, boolean isPem, Path certificate, @Nullable Path key, String password) {
        this.prefix = prefix;
        this.isPem = isPem;
        this.certificate = certificate;
        this.key = key;
        this.password = password;
    }

    /**
     * The files that properties name.
     *
     * @param prefix of the properties, for example {@code serai.http.tls}
     * @param certificate the PEM file with the certificate and those between it and its authority, in this order
     * @param key the PEM file with its key
     * @param keyStore in place of both: a PKCS12 file
     * @return null if none is named
     * @throws IllegalArgumentException if they do not go together
     */
    public static @Nullable CertificateFiles of(
            String prefix,
            @Nullable String certificate,
            @Nullable String key,
            @Nullable String keyStore,
            @Nullable String password) {
        if (certificate != null && keyStore != null) {
            throw new IllegalArgumentException(
                    "set either " + prefix + ".certificate or " + prefix + ".keyStore, not both");
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    prefix + ".certificate and " + prefix + ".key belong together: set both to PEM files, or neither");
        }
        if (keyStore == null && password != null) {
            throw new IllegalArgumentException(prefix + ".keyStorePassword is set, but not " + prefix + ".keyStore");
        }
        if (certificate != null && key != null) {
            return new CertificateFiles(prefix, true, Path.of(certificate), Path.of(key), "");
        }
        return keyStore == null
                ? null
                : new CertificateFiles(prefix, false, Path.of(keyStore), null, password == null ? "" : password);
    }

    /** For messages: the properties' names begin like this. */
    String prefix() {
        return prefix;
    }

    /** The name of the file that holds the certificate, for messages. */
    String name() {
        return String.valueOf(certificate);
    }

    /** What the files hold at one time. */
    record CertificateBytes(byte[] certificate, byte[] key) {
        boolean isSame(@Nullable CertificateBytes other) {
            return other != null && Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
        }
    }

    CertificateBytes read() throws IOException {
        return new CertificateBytes(
                read(isPem ? ".certificate" : ".keyStore", certificate), key == null ? new byte[0] : read(".key", key));
    }

    private byte[] read(String property, Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(prefix + property + ": the file " + file + " does not exist or cannot be read");
        }
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(prefix + property + ": " + file + " is larger than " + BYTES_MAX + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /** The certificates alone, the server's own first; they need no key. */
    public List<X509Certificate> certificates() throws IOException {
        try {
            return isPem ? fromPem(read().certificate()) : fromStore(store(read().certificate()));
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    /** Reads the files and tries the key. Throws {@link IOException} if something is wrong with them, naming the property. */
    public void check(Vertx vertx) throws IOException {
        load(vertx, read());
    }

    /** The certificate with its key, which was tried. */
    ServerCertificate load(Vertx vertx, CertificateBytes content) throws IOException {
        List<X509Certificate> chain;
        X509ExtendedKeyManager keys;
        try {
            chain = isPem ? fromPem(content.certificate()) : fromStore(store(content.certificate()));
            keys = keys(factory(vertx, content));
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        } catch (Exception e) { // Vert.x declares all of them
            String named = isPem ? prefix + ".key: " + key : prefix + ".keyStore: " + certificate;
            throw new IOException(named + " cannot be read: " + reason(e), e);
        }
        requireFitting(keys, chain.get(0));
        return new ServerCertificate(keys, chain);
    }

    private KeyManagerFactory factory(Vertx vertx, CertificateBytes content) throws Exception {
        Buffer first = Buffer.buffer(content.certificate());
        return isPem
                ? new PemKeyCertOptions()
                        .setCertValue(first)
                        .setKeyValue(Buffer.buffer(content.key()))
                        .getKeyManagerFactory(vertx)
                : new PfxOptions().setValue(first).setPassword(password).getKeyManagerFactory(vertx);
    }

    private IOException unreadable(GeneralSecurityException e) {
        String what = isPem ? ".certificate: " : ".keyStore: ";
        return new IOException(prefix + what + certificate + " cannot be read: " + reason(e), e);
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static List<X509Certificate> fromPem(byte[] pem) throws GeneralSecurityException {
        if (!new String(pem, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            throw new GeneralSecurityException("it has no certificate in PEM form");
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate one :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            chain.add((X509Certificate) one);
        }
        return chain;
    }

    private KeyStore store(byte[] bytes) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(new ByteArrayInputStream(bytes), password.toCharArray());
        } catch (IOException e) {
            throw new IOException(
                    prefix + ".keyStore: " + certificate + " cannot be opened with keyStorePassword as PKCS12: "
                            + reason(e),
                    e);
        }
        return store;
    }

    private static List<X509Certificate> fromStore(KeyStore store) throws GeneralSecurityException {
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                return Arrays.stream(store.getCertificateChain(alias))
                        .map(X509Certificate.class::cast)
                        .toList();
            }
        }
        throw new GeneralSecurityException("it holds no key with a certificate");
    }

    private static X509ExtendedKeyManager keys(KeyManagerFactory factory) throws GeneralSecurityException {
        for (KeyManager manager : factory.getKeyManagers()) {
            if (manager instanceof X509ExtendedKeyManager keys) {
                return keys;
            }
        }
        throw new GeneralSecurityException("Java has no keys for TLS");
    }

    /** A key of another certificate would be noticed by the first client only. */
    private void requireFitting(X509ExtendedKeyManager keys, X509Certificate own) throws IOException {
        PublicKey publicKey = own.getPublicKey();
        String[] aliases = keys.getServerAliases(publicKey.getAlgorithm(), null);
        PrivateKey privateKey = aliases == null ? null : keys.getPrivateKey(aliases[0]);
        try {
            if (privateKey != null && fits(privateKey, publicKey)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(prefix + ": the key cannot be used: " + reason(e), e);
        }
        throw new IOException(prefix + ": the key does not belong to the first certificate of " + certificate);
    }

    private static boolean fits(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm(); // of Ed25519 and the like both are named alike
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        return signature.verify(signed);
    }
}
