package dev.serai.signature;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.HttpText;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Standard Webhooks 1.0: {@code id.timestamp.body} signed with HMAC-SHA256 (v1, {@code whsec_} secrets) or Ed25519 (v1a,
 * {@code whpk_} public and {@code whsk_} private keys), each with the base64 of its raw bytes.
 *
 * <p>See: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
final class StandardWebhooksScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class StandardWebhooksFactory extends NamedFactory<SignatureScheme>
            implements SignatureSchemeFactory {
        public StandardWebhooksFactory() {
            super("standard-webhooks", StandardWebhooksScheme::new);
        }

        @Override
        public Set<String> requestHeaders() {
            return SVIX_HEADERS;
        }
    }

    private static final String ID = "webhook-id";
    private static final String TIMESTAMP = "webhook-timestamp";
    private static final String SIGNATURE = "webhook-signature";
    private static final String PREFIX = "webhook-";
    private static final String SVIX_PREFIX = "svix-";
    private static final Set<String> SVIX_HEADERS = Set.of("svix-id", "svix-timestamp", "svix-signature");

    /** A sender lists one signature for each of its keys; a limit on the work for one request. */
    private static final int SIGNATURES_MAX = 16;

    private record VersionedKey(String version, SignatureKey key) {}

    private final List<VersionedKey> keys;
    private final TimeWindow window;

    StandardWebhooksScheme(SchemeOptions options) {
        this.keys = options.keys(StandardWebhooksScheme::readKeys);
        this.window = new TimeWindow(options.tolerance());
    }

    private static List<VersionedKey> readKeys(String secrets) {
        return Arrays.stream(secrets.split("\\s+"))
                .map(StandardWebhooksScheme::readKey)
                .toList();
    }

    private static VersionedKey readKey(String secret) {
        int end = secret.indexOf('_') + 1;
        String prefix = secret.substring(0, end);
        String encoded = secret.substring(end);
        return switch (prefix) {
            case "whsec_" -> new VersionedKey("v1", new HmacKey(decodeKey(encoded)));
            case "whpk_" -> new VersionedKey("v1a", Ed25519Key.ofPublic(decodeKey(encoded)));
            case "whsk_" -> new VersionedKey("v1a", Ed25519Key.ofPrivate(decodeKey(encoded)));
            default -> throw new IllegalArgumentException("must begin with whsec_, whpk_ or whsk_");
        };
    }

    private static byte[] decodeKey(String encoded) {
        byte[] key = Base64Text.decode(encoded);
        if (key == null || key.length == 0) {
            throw new IllegalArgumentException("must continue in base64 after its prefix");
        }
        return key;
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = named(request.headers());
        Refusal refused = headers.refuseUnlessOnce(ID, TIMESTAMP, SIGNATURE);
        if (refused != null) {
            return refused;
        }
        String id = headers.value(ID);
        if (!MessageId.isHeaderSafe(id)) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + ID + " is not a valid id: use visible ASCII characters only.");
        }
        String timestamp = headers.value(TIMESTAMP);
        refused = window.refuseOutside(TIMESTAMP, timestamp, now);
        if (refused != null) {
            return refused;
        }
        String[] signatures = headers.value(SIGNATURE).strip().split(" +", SIGNATURES_MAX + 1);
        if (signatures.length > SIGNATURES_MAX) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + SIGNATURE + " lists more than " + SIGNATURES_MAX + " signatures.");
        }
        byte[] prefix = signedPrefix(id, timestamp);
        return judge(signatures, id, prefix, request.body());
    }

    /** Svix sends the same under names of its own. */
    private static HeaderLookup named(HeaderLookup headers) {
        boolean isSvix =
                headers.values(ID).isEmpty() && !headers.values("svix-id").isEmpty();
        return isSvix ? name -> headers.values(name.replace(PREFIX, SVIX_PREFIX)) : headers;
    }

    /** One valid signature is enough; without any, the refusal is that of the signature that came closest. */
    private Verdict judge(String[] signatures, String id, byte[] prefix, byte[] body) {
        boolean anyReadable = false;
        boolean anyKey = false;
        for (String signature : signatures) {
            int comma = signature.indexOf(',');
            byte[] bytes = comma < 1 ? null : Base64Text.decode(signature.substring(comma + 1));
            if (bytes == null) {
                continue;
            }
            anyReadable = true;
            String version = signature.substring(0, comma);
            for (VersionedKey key : keys) {
                if (key.version.equals(version)) {
                    anyKey = true;
                    if (key.key.matches(bytes, prefix, body)) {
                        return new Verified(id);
                    }
                }
            }
        }
        return refused(anyReadable, anyKey);
    }

    private Refusal refused(boolean anyReadable, boolean anyKey) {
        if (!anyReadable) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + SIGNATURE + " has no version, comma and base64 like 'v1,…'.");
        }
        if (!anyKey) {
            String versions =
                    keys.stream().map(VersionedKey::version).distinct().sorted().collect(Collectors.joining(" and "));
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The header " + SIGNATURE + " has no signature that the configured keys can verify, which is "
                            + versions + ": v1 needs a whsec_ secret, v1a a whpk_ key.");
        }
        return new Refusal(
                RefusalReason.FORGED,
                "The header " + SIGNATURE + " is not the signature of this id, time and body: check that both sides"
                        + " have the same secret and that nothing on the way changes the body.");
    }

    /** Signs with every key that can sign, so that receivers can verify while a key is being replaced. */
    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        String headerId = HttpText.headerValue(id);
        String timestamp = Long.toString(now.getEpochSecond());
        byte[] prefix = signedPrefix(headerId, timestamp);
        String signatures = keys.stream()
                .filter(key -> key.key.canSign())
                .map(key -> key.version + "," + Base64.getEncoder().encodeToString(key.key.sign(prefix, body)))
                .collect(Collectors.joining(" "));
        if (signatures.isEmpty()) {
            throw new IllegalArgumentException(
                    "secret holds only public keys (whpk_), which cannot sign: set a whsec_ secret or a whsk_ key");
        }
        return Map.of(ID, headerId, TIMESTAMP, timestamp, SIGNATURE, signatures);
    }

    @Override
    public Set<String> signatureHeaders() {
        Set<String> headers = new HashSet<>(SVIX_HEADERS);
        headers.addAll(Set.of(ID, TIMESTAMP, SIGNATURE));
        return Set.copyOf(headers);
    }

    @Override
    public String idHeader() {
        return ID;
    }

    private static byte[] signedPrefix(String id, String timestamp) {
        return (id + "." + timestamp + ".").getBytes(US_ASCII);
    }
}
