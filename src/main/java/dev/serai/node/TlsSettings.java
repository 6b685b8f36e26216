package dev.serai.node;

import dev.serai.admin.console.AllowedHosts;
import dev.serai.http.CertificateFiles;
import dev.serai.http.TrustedProxies;
import dev.serai.node.route.ConfigurationException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of both ports that concern their peers: certificates, and the proxies that are believed. */
final class TlsSettings {
    static final String FLOWS = "serai.http.tls";
    static final String ADMIN = "serai.admin.tls";
    static final String NAMES = "serai.admin.names";
    private static final String PROXIES = "serai.http.trustedProxies";

    private TlsSettings() {}

    /** The certificate of a port; null without TLS. Throws {@link ConfigurationException} if the settings do not go together. */
    static @Nullable CertificateFiles files(Settings settings, String prefix) {
        try {
            return CertificateFiles.of(
                    prefix,
                    settings.optional(prefix + ".certificate"),
                    settings.optional(prefix + ".key"),
                    settings.optional(prefix + ".keyStore"),
                    settings.optional(prefix + ".keyStorePassword"));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    static TrustedProxies proxies(Settings settings) {
        String text = settings.optional(PROXIES);
        try {
            return text == null ? TrustedProxies.NONE : TrustedProxies.of(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(PROXIES + ": " + e.getMessage(), e);
        }
    }

    /** The names by which browsers may call the admin port. */
    static AllowedHosts adminHosts(Settings settings) {
        try {
            return AllowedHosts.of(settings.get("serai.admin.host"), settings.optional(NAMES));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(NAMES + ": " + e.getMessage(), e);
        }
    }

    /** How an address of the port begins. */
    static String scheme(Settings settings, String prefix) {
        return files(settings, prefix) == null ? "http://" : "https://";
    }

    /** Reads everything; throws {@link ConfigurationException} if something cannot be used. */
    static void check(Settings settings) {
        proxies(settings);
        adminHosts(settings);
        for (String prefix : List.of(FLOWS, ADMIN)) {
            CertificateFiles files = files(settings, prefix);
            if (files != null) {
                check(files);
            }
        }
    }

    private static void check(CertificateFiles files) {
        Vertx vertx = Vertx.vertx();
        try {
            files.check(vertx);
        } catch (IOException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        } finally {
            vertx.close();
        }
    }
}
