package dev.serai.support;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An EC key with a certificate for localhost, which is made for one test. */
public final class TestKeys {
    public static final String PASSWORD = "only-for-this-test";
    private static final String ALIAS = "test";

    static {
        // Or each server that opens such a file takes a tenth of a second to derive its keys from the password.
        for (String count : List.of("certPbe", "keyPbe", "mac")) {
            Security.setProperty("keystore.pkcs12." + count + "IterationCount", "10");
        }
    }

    private final Path store;
    private final TestCertificate own;
    private final KeyStore keys = KeyStore.getInstance("PKCS12");

    private TestKeys(Path store, TestCertificate own) throws Exception {
        this.store = store;
        this.own = own;
        keys.load(null, null);
        keys.setKeyEntry(ALIAS, own.key(), PASSWORD.toCharArray(), new Certificate[] {own.certificate()});
        try (OutputStream out = Files.newOutputStream(store)) {
            keys.store(out, PASSWORD.toCharArray());
        }
    }

    public static TestKeys create(Path folder, String name) throws Exception {
        return create(folder, name, "CN=localhost");
    }

    /** With another subject. */
    public static TestKeys create(Path folder, String name, String subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return new TestKeys(
                folder.resolve(name + ".p12"),
                TestCertificate.create(generator.generateKeyPair(), subject, "localhost"));
    }

    /** The key and the certificate as a PKCS #12 file. */
    public Path store() {
        return store;
    }

    /** The key as a PEM file. */
    public Path key() throws Exception {
        return Files.writeString(
                Path.of(store + ".key"),
                WeChatPayPeer.pem("PRIVATE KEY", own.key().getEncoded()));
    }

    /** The certificate as a PEM file. */
    public Path certificate() throws Exception {
        return Files.writeString(Path.of(store + ".pem"), own.pem());
    }

    /** A TLS context that trusts this certificate and presents the other one, if there is one. */
    public SSLContext trusting(TestKeys other) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, own.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory presented = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        presented.init(other == null ? null : other.keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(other == null ? null : presented.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
