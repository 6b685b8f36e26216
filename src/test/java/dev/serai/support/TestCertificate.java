package dev.serai.support;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A key with its own certificate, valid from yesterday until tomorrow. */
public record TestCertificate(PrivateKey key, X509Certificate certificate) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** With an RSA key. */
    public static TestCertificate create(String name) throws Exception {
        return create(RsaKeys.next(), "CN=" + name, name);
    }

    /** Signed by its own key, which is an RSA or EC key. */
    static TestCertificate create(KeyPair pair, String subject, String dnsName) throws Exception {
        Instant now = Instant.now();
        X500Principal name = new X500Principal(subject);
        var builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(62, RANDOM).setBit(62),
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(1, ChronoUnit.DAYS)),
                name,
                pair.getPublic());
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
        String algorithm = pair.getPrivate().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        var signed = builder.build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()));
        return new TestCertificate(pair.getPrivate(), new JcaX509CertificateConverter().getCertificate(signed));
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
