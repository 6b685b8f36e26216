package dev.serai.http;

import dev.serai.task.RepeatedTask;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 for the server of one port, with HTTP/2 by ALPN. Its certificate is read again when its files change: new
 * connections get the new one, open ones go on. Files that cannot be used change nothing; {@link #trouble} says why.
 *
 * <p>Threads: safe.
 */
public final class ServerTls {
    /** How often the files are looked at. A change counts once two looks find the same. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private static final Duration TOLD_EVERY = Duration.ofDays(1);
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

    private final String port;
    private final CertificateFiles files;
    private final Vertx vertx;
    private final Clock clock;
    private final ReplaceableKeys keys;
    private volatile ServerCertificate certificate;
    private final ReloadedFiles<CertificateFiles.CertificateBytes> own;
    private final List<ReloadedFiles<?>> others = new CopyOnWriteArrayList<>();
    private @Nullable Instant toldAt;

    private ServerTls(
            String port,
            CertificateFiles files,
            Vertx vertx,
            Clock clock,
            CertificateFiles.CertificateBytes content,
            ServerCertificate certificate) {
        this.port = port;
        this.files = files;
        this.vertx = vertx;
        this.clock = clock;
        this.certificate = certificate;
        this.keys = new ReplaceableKeys(certificate.keys());
        this.own = new ReloadedFiles<>(new OwnCertificate(), content);
    }

    /**
     * Reads the files, and from then on looks at them until Vert.x is closed.
     *
     * @param port whose TLS it is, in a word: flows or admin
     * @throws IOException if they cannot be used; the message names the property
     */
    public static ServerTls open(String port, CertificateFiles files, Vertx vertx, Clock clock) throws IOException {
        CertificateFiles.CertificateBytes content = files.read();
        ServerTls tls = new ServerTls(port, files, vertx, clock, content, files.load(vertx, content));
        tls.tellDates();
        RepeatedTask look = new RepeatedTask("The look at the certificate of the " + port + " port", tls::look);
        vertx.setPeriodic(
                LOOK_EVERY.toMillis(),
                tick -> vertx.executeBlocking(
                        () -> {
                            look.run();
                            return true;
                        },
                        false));
        return tls;
    }

    /** In a word: flows or admin. */
    public String port() {
        return port;
    }

    /** When the first certificate of the chain in use expires. */
    public Instant expiresAt() {
        return certificate.expiresAt();
    }

    /** What an operator has to mend, in one line; null if nothing. */
    public @Nullable String trouble() {
        String dates = certificate.dateTrouble(clock.instant());
        String late = dates == null ? null : "the certificate of the " + port + " port (" + files.name() + ") " + dates;
        List<String> all = new ArrayList<>();
        add(all, own.refused());
        others.forEach(further -> add(all, further.refused()));
        add(all, late);
        return all.isEmpty() ? null : String.join("; ", all);
    }

    private static void add(List<String> all, @Nullable String trouble) {
        if (trouble != null) {
            all.add(trouble);
        }
    }

    /** Looks at further files too, such as the authorities of a path, until they are {@link #forget forgotten}. */
    public void watch(ReloadedFiles<?> files) {
        others.add(files);
    }

    public void forget(ReloadedFiles<?> files) {
        others.remove(files);
    }

    /**
     * Adds TLS to a server's options.
     *
     * @param asksClients whether clients are asked for certificates. They need not have one, and whether one is good is left to
     *     who needs it
     */
    public void configure(HttpServerOptions options, boolean asksClients) {
        options.setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2")))
                .setKeyCertOptions(KeyCertOptions.wrap(keys))
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(StreamLimits.STREAMS_MAX)
                        .setMaxHeaderListSize(ConnectionLimits.HEAD_BYTES_MAX));
        if (asksClients) {
            options.setClientAuth(ClientAuth.REQUEST).setTrustOptions(TrustOptions.wrap(new AnyClientCertificate()));
        }
    }

    /** Warns of a port that others can reach without TLS. */
    public static void warnIfOpen(String port, String host, String properties) {
        try {
            if (!InetAddress.getByName(host).isLoopbackAddress()) {
                LOG.warn(
                        "The {} port listens on {} without TLS: set {}.certificate and {}.key, or let a proxy with TLS stand in front",
                        port,
                        host,
                        properties,
                        properties);
            }
        } catch (UnknownHostException e) {
            LOG.debug("The host was not found; binding will fail", e);
        }
    }

    // ---- Changed files

    private void look() {
        own.look();
        others.forEach(ReloadedFiles::look);
        tellDates();
    }

    private synchronized void forgetTold() {
        toldAt = null;
    }

    private synchronized void tellDates() {
        Instant now = clock.instant();
        String trouble = certificate.dateTrouble(now);
        if (trouble != null && (toldAt == null || !now.isBefore(toldAt.plus(TOLD_EVERY)))) {
            toldAt = now;
            LOG.warn("The certificate of the {} port ({}) {}", port, files.name(), trouble);
        }
    }

    private final class OwnCertificate implements ReloadedFiles.User<CertificateFiles.CertificateBytes> {
        @Override
        public CertificateFiles.CertificateBytes read() throws IOException {
            return files.read();
        }

        @Override
        public boolean isSame(CertificateFiles.CertificateBytes one, CertificateFiles.CertificateBytes other) {
            return one.isSame(other);
        }

        @Override
        public void use(CertificateFiles.CertificateBytes content) throws IOException {
            ServerCertificate loaded = files.load(vertx, content);
            keys.replace(loaded.keys());
            certificate = loaded;
            forgetTold();
            LOG.info("The {} port has a new certificate, which expires at {}", port, loaded.expiresAt());
        }

        @Override
        public String meanwhile() {
            return "the " + port + " port goes on with the certificate before";
        }
    }
}
