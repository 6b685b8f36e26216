package dev.serai.text;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The certificates of a Kamelet, in the files that its options name; each failure names the option. */
public abstract class TlsFiles {
    private static final long TRUSTED_BYTES_MAX = 16 << 20;

    private @Nullable String keyStore;
    private String keyPassword = "";
    private @Nullable String trustedCertificates;

    /** A PKCS12 or JKS file with the own certificate and its key. */
    public void setKeyStore(@Nullable String keyStore) {
        this.keyStore = keyStore;
    }

    /** The password of that file and of the key. */
    public void setKeyPassword(@Nullable String keyPassword) {
        this.keyPassword = keyPassword == null ? "" : keyPassword;
    }

    /** A PEM file with the authorities that the other side's certificate must come from, in place of Java's own. */
    public void setTrustedCertificates(@Nullable String trustedCertificates) {
        this.trustedCertificates = trustedCertificates;
    }

    /** The file of the trusted authorities, or null for Java's own. */
    protected final @Nullable String trustedCertificates() {
        return trustedCertificates;
    }

    /** Whether any certificates are named. */
    protected final boolean isSet() {
        return keyStore != null || trustedCertificates != null;
    }

    /** The own certificate and key, or null. */
    protected final @Nullable KeyManagerFactory keys() throws IOException {
        if (keyStore == null) {
            return null;
        }
        File file = file("keyStore", keyStore);
        try {
            KeyStore store = KeyStore.getInstance(file, keyPassword.toCharArray());
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, keyPassword.toCharArray());
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(
                    "keyStore: " + file + " cannot be opened with keyPassword as PKCS12 or JKS: " + e.getMessage(), e);
        }
    }

    /** The authorities that may have issued the other side's certificate, or null for Java's own. */
    protected final @Nullable TrustManagerFactory trusted() throws IOException {
        return trustedCertificates == null ? null : trusted(readTrusted());
    }

    /** The content of the file of the authorities, which must be set. */
    protected final byte[] readTrusted() throws IOException {
        Path file = trustedFile();
        if (Files.size(file) > TRUSTED_BYTES_MAX) {
            throw new IOException("trustedCertificates: " + file + " is larger than " + TRUSTED_BYTES_MAX + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /** The authorities in the content of that file. */
    protected final TrustManagerFactory trusted(byte[] pem) throws IOException {
        Path file = trustedFile();
        if (!new String(pem, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            throw new IOException("trustedCertificates: " + file + " has no certificate in PEM form");
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry("trusted-" + store.size(), one);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException("trustedCertificates: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Path trustedFile() throws IOException {
        return file("trustedCertificates", Objects.requireNonNull(trustedCertificates))
                .toPath();
    }

    private static File file(String option, String name) throws IOException {
        Path path = Path.of(name.startsWith("file:") ? name.substring("file:".length()) : name);
        if (!Files.isReadable(path)) {
            throw new IOException(option + ": the file " + path + " does not exist or cannot be read");
        }
        return path.toFile();
    }
}
