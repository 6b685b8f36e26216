package dev.serai.http;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a TLS server, which can be replaced while it runs: a handshake that began with the earlier ones ends with them.
 *
 * <p>Threads: safe.
 */
final class ReplaceableKeys extends X509ExtendedKeyManager {
    private static final char GENERATION_END = ':';

    /** @param before those that a handshake in progress may have begun with */
    private record Generation(
            long number,
            X509ExtendedKeyManager keys,
            @Nullable Generation before) {
        private Generation withoutOlder() {
            return new Generation(number, keys, null);
        }
    }

    private volatile Generation current;

    ReplaceableKeys(X509ExtendedKeyManager keys) {
        current = new Generation(0, keys, null);
    }

    synchronized void replace(X509ExtendedKeyManager keys) {
        current = new Generation(current.number + 1, keys, current.withoutOlder());
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        Generation now = current;
        String alias = now.keys.chooseEngineServerAlias(keyType, issuers, engine);
        return alias == null ? null : now.number + String.valueOf(GENERATION_END) + alias;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return generation(alias).keys.getCertificateChain(alias.substring(alias.indexOf(GENERATION_END) + 1));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return generation(alias).keys.getPrivateKey(alias.substring(alias.indexOf(GENERATION_END) + 1));
    }

    private Generation generation(String alias) {
        Generation now = current;
        Generation before = now.before;
        long number = Long.parseLong(alias.substring(0, alias.indexOf(GENERATION_END)));
        return before != null && number == before.number ? before : now;
    }

    // ---- What a server of Vert.x never asks

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
