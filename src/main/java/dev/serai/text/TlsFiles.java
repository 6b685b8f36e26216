package dev.serai.text;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Reads the keys and certificates that Kamelets' options name; each failure names the option. */
public final class TlsFiles {
    private TlsFiles() {}

    /** @param name a PKCS12 or JKS file with the own certificate and its key, both under this password */
    public static KeyManagerFactory keys(String name, String password) throws IOException {
        File file = file("keyStore", name);
        try {
            KeyStore store = KeyStore.getInstance(file, password.toCharArray());
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password.toCharArray());
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(
                    "keyStore: " + file + " cannot be opened with keyPassword as PKCS12 or JKS: " + e.getMessage(), e);
        }
    }

    /** @param name a PEM file with the authorities that the other side's certificate must come from */
    public static TrustManagerFactory trusted(String name) throws IOException {
        File file = file("trustedCertificates", name);
        if (!Files.readString(file.toPath(), StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            throw new IOException("trustedCertificates: " + file + " holds no certificate in PEM form");
        }
        try (InputStream pem = Files.newInputStream(file.toPath())) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("trusted-" + store.size(), one);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException("trustedCertificates: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static File file(String option, String name) throws IOException {
        Path path = Path.of(name.startsWith("file:") ? name.substring("file:".length()) : name);
        if (!Files.isReadable(path)) {
            throw new IOException(option + ": there is no readable file " + path);
        }
        return path.toFile();
    }
}
