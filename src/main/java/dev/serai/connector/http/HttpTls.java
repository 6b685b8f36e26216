package dev.serai.connector.http;

import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.text.TlsFiles;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of an HTTP Kamelet, as its options say. The server's must be for the host's name, as always.
 *
 * <p>Threads: set up by one thread.
 */
public final class HttpTls extends TlsFiles {

    /**
     * Connections with these certificates if there are any, and within the limits of {@link LimitedConnectionFactory}.
     *
     * @param resolver finds the addresses of hosts; null for Java's own
     * @throws IllegalArgumentException if a file cannot be read, naming the option
     */
    public HttpClientConnectionManager connections(int max, @Nullable DnsResolver resolver) {
        PoolingHttpClientConnectionManagerBuilder builder = LimitedConnectionFactory.pool(max);
        if (resolver != null) {
            builder.setDnsResolver(resolver);
        }
        if (isSet()) {
            builder.setTlsSocketStrategy(new DefaultClientTlsStrategy(context()));
        }
        return builder.build();
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException if one cannot be read, naming the option
     */
    void check() {
        if (isSet()) {
            context();
        }
    }

    /** The same trusted certificates, without the own one. */
    HttpTls withoutKeys() {
        HttpTls other = new HttpTls();
        other.setTrustedCertificates(trustedCertificates());
        return other;
    }

    /**
     * Adds these certificates, if there are any, to the options of an asynchronous client.
     *
     * @throws IllegalArgumentException if a file cannot be read, naming the option
     */
    HttpClientOptions configure(HttpClientOptions options) {
        try {
            KeyManagerFactory keys = keys();
            TrustManagerFactory trusted = trusted();
            if (keys != null) {
                options.setKeyCertOptions(KeyCertOptions.wrap(keys));
            }
            if (trusted != null) {
                options.setTrustOptions(TrustOptions.wrap(trusted));
            }
            return options;
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManagerFactory keys = keys();
            TrustManagerFactory trusted = trusted();
            context.init(
                    keys == null ? null : keys.getKeyManagers(),
                    trusted == null ? null : trusted.getTrustManagers(),
                    null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
