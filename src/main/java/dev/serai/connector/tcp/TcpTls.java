package dev.serai.connector.tcp;

import dev.serai.text.TlsFiles;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The TLS side of a TCP Kamelet, as its options say: TLS 1.2 and 1.3, with certificates from files.
 *
 * <p>Threads: set up by one thread.
 */
public final class TcpTls extends TlsFiles {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private boolean enabled;

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** For who listens: needs a key, and asks for a certificate if there are authorities to check it against. Null without TLS. */
    @Nullable SslContext server() {
        if (!isWanted()) {
            return null;
        }
        return reading(() -> {
            KeyManagerFactory keys = keys();
            if (keys == null) {
                throw new IllegalArgumentException(
                        "tls needs a certificate: set keyStore to a PKCS12 file with it and its key, and keyPassword");
            }
            TrustManagerFactory trusted = trusted();
            return SslContextBuilder.forServer(keys)
                    .trustManager(trusted)
                    .clientAuth(trusted == null ? ClientAuth.NONE : ClientAuth.REQUIRE);
        });
    }

    /** For who connects: trusts Java's own authorities if no others are named, and checks the host's name. Null without TLS. */
    @Nullable SslContext client() {
        if (!isWanted()) {
            return null;
        }
        return reading(() -> SslContextBuilder.forClient()
                .endpointIdentificationAlgorithm("HTTPS")
                .trustManager(trusted())
                .keyManager(keys()));
    }

    /** Whether it is wanted; then there must be no certificates either. */
    private boolean isWanted() {
        if (!enabled && isSet()) {
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
        SslContextBuilder read() throws IOException;
    }

    private static SslContext reading(TlsReader reader) {
        try {
            return reader.read()
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .build();
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
