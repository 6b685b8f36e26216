package dev.serai.connector.http;

import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.text.TlsFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of an HTTP Kamelet, as its options say. The server's must be for the host's name, as always.
 *
 * <p>Threads: set up by one thread.
 */
public final class HttpTls {
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

    private boolean isSet() {
        return keyStore != null || trustedCertificates != null;
    }

    /**
     * Connections with these certificates if there are any, and within the limits of {@link LimitedConnectionFactory}.
     *
     * @throws IllegalArgumentException if a file cannot be read, naming the option
     */
    public HttpClientConnectionManager connections(int max) {
        PoolingHttpClientConnectionManagerBuilder builder = LimitedConnectionFactory.pool(max);
        if (isSet()) {
            builder.setTlsSocketStrategy(new DefaultClientTlsStrategy(context()));
        }
        return builder.build();
    }

    private SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keyStore == null
                            ? null
                            : TlsFiles.keys(keyStore, keyPassword).getKeyManagers(),
                    trustedCertificates == null
                            ? null
                            : TlsFiles.trusted(trustedCertificates).getTrustManagers(),
                    null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
