package dev.serai.camel.ingress;

import dev.serai.http.ReloadedFiles;
import dev.serai.http.ServerTls;
import dev.serai.text.LogPace;
import dev.serai.text.LogText;
import dev.serai.text.TlsFiles;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that the clients of one path must have: issued by one of some authorities, and with a subject if one is
 * named. The authorities change with their file; open connections are checked by the new ones as well.
 *
 * <p>Threads: safe, but for {@link #begin} and {@link #end}, which the path calls one after the other.
 */
final class ClientCertificates extends TlsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificates.class);
    private static final int REMEMBERED_MAX = 1_000;
    private static final int REASON_MAX = 300;

    private final String path;
    private final ReloadedFiles<byte[]> files;
    private final List<Rdn> subject;
    private final LogPace pace = new LogPace();
    private volatile Authorities authorities;
    private @Nullable ServerTls tls;

    /** The authorities in use. */
    private static final class Authorities {
        private final X509TrustManager trusted;
        /** Those whose chain was found good, so that it is not checked for each request. */
        private final Map<X509Certificate, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<X509Certificate, Boolean> eldest) {
                return size() > REMEMBERED_MAX;
            }
        };

        private Authorities(X509TrustManager trusted) {
            this.trusted = trusted;
        }

        synchronized void check(X509Certificate[] chain) throws CertificateException {
            if (known.get(chain[0]) == null) {
                trusted.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
                known.put(chain[0], true);
            } else {
                chain[0].checkValidity();
            }
        }
    }

    /** @param detail for the sender; @param status 401 if there is no certificate, else 403 */
    record Rejection(int status, String detail) {}

    /**
     * Reads the authorities.
     *
     * @param path where they are demanded, for messages
     * @param subject a distinguished name whose parts a client's must have, as {@code CN=shop,O=Example}; null for any
     * @throws IllegalArgumentException if one of them cannot be read, naming the option
     */
    ClientCertificates(String path, String trustedCertificates, @Nullable String subject) {
        this.path = path;
        setTrustedCertificates(trustedCertificates);
        try {
            byte[] pem = readTrusted();
            this.authorities = authorities(pem);
            this.files = new ReloadedFiles<>(new OfPath(), pem);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        this.subject = subject == null ? List.of() : parts(subject);
    }

    /**
     * From now on the file of the authorities is looked at, and a changed one is used.
     *
     * @throws IllegalStateException if the port has no TLS
     */
    void begin(@Nullable ServerTls portTls) {
        if (portTls == null) {
            throw new IllegalStateException("trustedCertificates of ingress:" + path
                    + " needs TLS on the flows' port: set serai.http.tls.certificate and serai.http.tls.key");
        }
        tls = portTls;
        tls.watch(files);
    }

    void end() {
        if (tls != null) {
            tls.forget(files);
            tls = null;
        }
    }

    private Authorities authorities(byte[] pem) throws IOException {
        for (TrustManager manager : trusted(pem).getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return new Authorities(found);
            }
        }
        throw new IOException("Java has no trust manager");
    }

    private static List<Rdn> parts(String subject) {
        try {
            return new LdapName(subject).getRdns();
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException(
                    "clientSubject must be a distinguished name such as CN=shop,O=Example: " + e.getMessage(), e);
        }
    }

    /** Why the client of a request may not send to this path; null if it may. Runs on its event loop. */
    @Nullable Rejection rejection(HttpServerRequest request, String client) {
        X509Certificate[] chain = chain(request);
        if (chain.length == 0) {
            log(client, "it has sent none", null);
            return new Rejection(401, "This path needs a client certificate. Connect with one.");
        }
        String why = fault(chain);
        if (why == null) {
            return null;
        }
        log(client, why, chain[0]);
        return new Rejection(403, "Your client certificate is not accepted here. Use the one that was agreed on.");
    }

    private static X509Certificate[] chain(HttpServerRequest request) {
        try {
            return request.connection().peerCertificates().stream()
                    .filter((Certificate one) -> one instanceof X509Certificate)
                    .toArray(X509Certificate[]::new);
        } catch (SSLPeerUnverifiedException e) {
            return new X509Certificate[0];
        }
    }

    private @Nullable String fault(X509Certificate[] chain) {
        try {
            authorities.check(chain);
            return hasSubject(chain[0]) ? null : "its subject is another one than clientSubject";
        } catch (CertificateException e) {
            return "it was not accepted: " + LogText.line(String.valueOf(e.getMessage()), REASON_MAX);
        }
    }

    private boolean hasSubject(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns()
                    .containsAll(subject);
        } catch (InvalidNameException e) {
            return false;
        }
    }

    private void log(String client, String why, @Nullable X509Certificate certificate) {
        long untold = pace.untold(why);
        if (untold >= 0) {
            LOG.warn(
                    "The client certificate of {} for {} was refused{}: {}{}",
                    client,
                    path,
                    certificate == null
                            ? ""
                            : " ("
                                    + LogText.of(certificate
                                            .getSubjectX500Principal()
                                            .getName()) + ", issued by "
                                    + LogText.of(
                                            certificate.getIssuerX500Principal().getName()) + ")",
                    LogText.of(why),
                    LogPace.more(untold));
        }
    }

    private final class OfPath implements ReloadedFiles.User<byte[]> {
        @Override
        public byte[] read() throws IOException {
            return readTrusted();
        }

        @Override
        public boolean isSame(byte[] one, byte[] other) {
            return Arrays.equals(one, other);
        }

        @Override
        public void use(byte[] pem) throws IOException {
            authorities = authorities(pem);
            LOG.info("The path {} has new authorities for the certificates of clients", path);
        }

        @Override
        public String meanwhile() {
            return "the path " + path + " goes on with the authorities before";
        }
    }
}
