package dev.serai.camel.ingress;

import dev.serai.text.LogPace;
import dev.serai.text.LogText;
import dev.serai.text.TlsFiles;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * named.
 *
 * <p>Threads: safe.
 */
final class ClientCertificates extends TlsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificates.class);
    private static final int REMEMBERED_MAX = 1_000;
    private static final int REASON_MAX = 300;

    private final String path;
    private final X509TrustManager authorities;
    private final List<Rdn> subject;
    private final LogPace pace = new LogPace();
    /** Those whose chain was found good, so that it is not checked for each request. */
    private final Map<X509Certificate, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

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
            this.authorities = manager();
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        this.subject = subject == null ? List.of() : parts(subject);
    }

    private X509TrustManager manager() throws IOException {
        for (TrustManager manager : Objects.requireNonNull(trusted()).getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
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
            synchronized (known) {
                if (known.get(chain[0]) == null) {
                    authorities.checkClientTrusted(
                            chain, chain[0].getPublicKey().getAlgorithm());
                    known.put(chain[0], true);
                } else {
                    chain[0].checkValidity();
                }
            }
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
}
