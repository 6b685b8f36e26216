package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** An RSA key with its certificate, valid from yesterday until tomorrow, which keytool creates for one test. */
public record TestCertificate(PrivateKey key, X509Certificate certificate) {
    private static final String PASSWORD = "only-for-this-test";

    public static TestCertificate create(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=" + name,
                "-startdate",
                "-1d",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-alias",
                name,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new TestCertificate(
                (PrivateKey) keys.getKey(name, PASSWORD.toCharArray()), (X509Certificate) keys.getCertificate(name));
    }

    public String pem() throws Exception {
        return WeChatPayPeer.pem("CERTIFICATE", certificate.getEncoded());
    }

    /** As WeChat Pay writes it. */
    public String serial() {
        return String.format("%X", certificate.getSerialNumber());
    }

    public WeChatPayPeer peer() {
        return new WeChatPayPeer(new KeyPair(certificate.getPublicKey(), key), serial());
    }
}
