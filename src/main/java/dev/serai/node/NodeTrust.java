package dev.serai.node;

import dev.serai.http.CertificateFiles;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client of a node trusts: the node whose certificate is in the file that the settings name, by whatever name it
 * is asked, since nobody else has the key of that certificate. For all other certificates Java's authorities decide, and the
 * host's name is checked.
 *
 * <p>Threads: safe.
 */
public final class NodeTrust extends X509ExtendedTrustManager {
    private final X509Certificate own;
    private final X509ExtendedTrustManager others;

    private NodeTrust(X509Certificate own, X509ExtendedTrustManager others) {
        this.own = own;
        this.others = others;
    }

    /**
     * For connections to the admin port.
     *
     * @return null if the settings name no certificate, or its file cannot be read here
     */
    public static @Nullable SSLContext of(Settings settings) {
        return of(settings, TlsSettings.ADMIN);
    }

    /** Like {@link #of}, for connections to the flows' port. */
    public static @Nullable SSLContext ofFlows(Settings settings) {
        return of(settings, TlsSettings.FLOWS);
    }

    private static @Nullable SSLContext of(Settings settings, String prefix) {
        CertificateFiles files = TlsSettings.files(settings, prefix);
        try {
            return files == null ? null : context(files.certificates().get(0));
        } catch (IOException e) {
            return null; // the node may be another machine's, whose certificate Java's authorities may know
        }
    }

    /** How the address of the admin port begins. */
    public static String scheme(Settings settings) {
        return TlsSettings.scheme(settings, TlsSettings.ADMIN);
    }

    /** How an address of the flows' port begins. */
    public static String flowsScheme(Settings settings) {
        return TlsSettings.scheme(settings, TlsSettings.FLOWS);
    }

    private static SSLContext context(X509Certificate own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new NodeTrust(own, javaDefault())}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java has no TLS", e);
        }
    }

    private static X509ExtendedTrustManager javaDefault() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no default trust manager");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (!chain[0].equals(own)) {
            others.checkServerTrusted(chain, authType, engine);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        if (!chain[0].equals(own)) {
            others.checkServerTrusted(chain, authType, socket);
        }
    }

    /** Without a connection there is no host whose name could be checked. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (!chain[0].equals(own)) {
            throw new CertificateException("the host's name cannot be checked");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this is for servers only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return others.getAcceptedIssuers();
    }
}
