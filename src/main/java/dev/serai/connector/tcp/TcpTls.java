package dev.serai.connector.tcp;

import dev.serai.text.TlsFiles;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS side of a TCP Kamelet, as its options say: TLS 1.2 and 1.3, with certificates from files.
 *
 * <p>Threads: set up by one thread.
 */
public final class TcpTls {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private boolean enabled;
    private @Nullable String keyStore;
    private String keyPassword = "";
    private @Nullable String trustedCertificates;

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** A PKCS12 or JKS file with the own certificate and its key. */
    public void setKeyStore(String keyStore) {
        this.keyStore = keyStore;
    }

    /** The password of that file and of the key. */
    public void setKeyPassword(String keyPassword) {
        this.keyPassword = keyPassword;
    }

    /** A PEM file with the authorities that the other side's certificate must come from. */
    public void setTrustedCertificates(String trustedCertificates) {
        this.trustedCertificates = trustedCertificates;
    }

    /** For who listens: needs a key, and asks for a certificate if there are authorities to check it against. Null without TLS. */
    @Nullable SslContext server() {
        if (!isWanted()) {
            return null;
        }
        String store = keyStore;
        if (store == null) {
            throw new IllegalArgumentException(
                    "tls needs a certificate: set keyStore to a PKCS12 file with it and its key, and keyPassword");
        }
        return reading(() -> {
            SslContextBuilder builder = SslContextBuilder.forServer(TlsFiles.keys(store, keyPassword));
            if (trustedCertificates != null) {
                builder.trustManager(TlsFiles.trusted(trustedCertificates)).clientAuth(ClientAuth.REQUIRE);
            }
            return builder.sslProvider(SslProvider.JDK).protocols(PROTOCOLS).build();
        });
    }

    /** For who connects: trusts Java's own authorities if no others are named, and checks the host's name. Null without TLS. */
    @Nullable SslContext client() {
        if (!isWanted()) {
            return null;
        }
        return reading(() -> {
            SslContextBuilder builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
            if (trustedCertificates != null) {
                builder.trustManager(TlsFiles.trusted(trustedCertificates));
            }
            if (keyStore != null) {
                builder.keyManager(TlsFiles.keys(keyStore, keyPassword));
            }
            return builder.sslProvider(SslProvider.JDK).protocols(PROTOCOLS).build();
        });
    }

    /** Whether it is wanted; then there must be no certificates either. */
    private boolean isWanted() {
        if (!enabled && (keyStore != null || trustedCertificates != null)) {
            throw new IllegalArgumentException("certificates are given, but tls is false: set tls to true");
        }
        return enabled;
    }

    /** Why TLS failed; null if the failure is another. */
    static @Nullable String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                // Netty would show what came instead of TLS, and that may be anything.
                return cause instanceof NotSslRecordException ? "it sends no TLS" : cause.getMessage();
            }
        }
        return null;
    }

    private interface TlsReader {
        SslContext read() throws IOException;
    }

    private static SslContext reading(TlsReader reader) {
        try {
            return reader.read();
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
