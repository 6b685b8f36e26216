package dev.serai.connector.http.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest token of an app in the ledger, so that a restart needs no new one. It is encrypted under the app's secret, so that
 * a copy of the ledger is no credential, and a changed secret needs a new token.
 *
 * <p>Threads: safe.
 */
final class TokenStore {
    /**
     * What is kept.
     *
     * @param until when the token ends; null if that is not known
     * @param seconds how long it was valid when it was issued; 0 if that is not known
     */
    record Kept(
            String value,
            @Nullable Instant until,
            long seconds,
            @Nullable String refreshToken) {
        @Override
        public String toString() {
            return "a kept access token";
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(TokenStore.class);
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int NAME_CHARS = 32;
    private static final long SAVE_SECONDS_MAX = 30;

    private final CamelContext context;
    private final String name;
    private final String app;
    private final byte[] key;

    TokenStore(CamelContext context, TokenOptions options) {
        this.context = context;
        this.app = options.platform() == TokenPlatform.OAUTH
                ? "of client " + LogText.of(options.clientId())
                : "of app " + LogText.of(options.clientId());
        this.name = Cursor.HIDDEN + "token:"
                + HexFormat.of().formatHex(sha256(options.app())).substring(0, NAME_CHARS);
        this.key = sha256("serai access token\n" + options.clientSecret() + "\n"
                + (options.refreshToken() == null ? "" : options.refreshToken()));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Null if there is none that can be read. */
    @Nullable Kept load() {
        Ledger ledger = ledger();
        if (ledger == null) {
            return null;
        }
        try {
            String saved = ledger.cursor(name).map(Cursor::value).orElse(null);
            return saved == null ? null : kept(decrypted(saved));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            LOG.info("The access token {} in the ledger is of another secret; a new one is fetched", app);
            return null;
        } catch (RuntimeException e) { // of the store
            LOG.warn(
                    "The access token {} cannot be read from the ledger; a new one is fetched: {}", app, LogText.of(e));
            return null;
        }
    }

    /** Without it the token can be used all the same. */
    void save(Kept token) {
        Ledger ledger = ledger();
        if (ledger == null) {
            return;
        }
        try {
            ledger.saveCursor(new Cursor(name, encrypted(json(token)), Instant.now()))
                    .get(SAVE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | GeneralSecurityException | RuntimeException e) {
            LOG.warn(
                    "The access token {} is used, but cannot be kept in the ledger, so that a restart fetches a new one: {}",
                    app,
                    LogText.of(e));
        }
    }

    private @Nullable Ledger ledger() {
        Component component = context.hasComponent("ledger");
        return component instanceof LedgerComponent ledger ? ledger.ledger() : null;
    }

    private static byte[] json(Kept token) {
        ObjectNode json = ExactJson.MAPPER.createObjectNode();
        json.put("token", token.value());
        json.put("until", token.until() == null ? null : token.until().toEpochMilli());
        json.put("seconds", token.seconds());
        json.put("refreshToken", token.refreshToken());
        return json.toString().getBytes(UTF_8);
    }

    private static Kept kept(byte[] text) throws IOException {
        JsonNode json = ExactJson.MAPPER.readTree(text);
        return new Kept(
                json.path("token").asText(),
                json.path("until").isNumber()
                        ? Instant.ofEpochMilli(json.path("until").asLong())
                        : null,
                json.path("seconds").asLong(),
                json.path("refreshToken").textValue());
    }

    private String encrypted(byte[] text) throws GeneralSecurityException {
        byte[] iv = new byte[IV_BYTES];
        new SecureRandom().nextBytes(iv);
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, iv).doFinal(text);
        byte[] all = Arrays.copyOf(iv, iv.length + sealed.length);
        System.arraycopy(sealed, 0, all, iv.length, sealed.length);
        return Base64.getEncoder().encodeToString(all);
    }

    private byte[] decrypted(String saved) throws GeneralSecurityException {
        byte[] all = Base64.getDecoder().decode(saved);
        if (all.length < IV_BYTES) {
            throw new GeneralSecurityException("too short");
        }
        return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, IV_BYTES)).doFinal(all, IV_BYTES, all.length - IV_BYTES);
    }

    private Cipher cipher(int mode, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(name.getBytes(UTF_8));
        return cipher;
    }
}
