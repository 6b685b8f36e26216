package dev.serai.signature.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Digest;
import dev.serai.signature.HmacKey;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Webhooks of Douyin's open platform: SHA-1 of the client secret followed by the raw body. {@code Msg-Id} is not signed, so a
 * hash of the body is the change's id. No time is signed.
 *
 * <p>Whoever has a signature can append to the body and compute its signature (length extension), so nothing may follow the JSON
 * object in it.
 *
 * <p>See: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/webhooks/summarize
 */
final class DouyinScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class DouyinFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public DouyinFactory() {
            super("douyin", DouyinScheme::new);
        }
    }

    private static final String SIGNATURE = "X-Douyin-Signature";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern CHALLENGE = Pattern.compile("[0-9A-Za-z_-]{1,128}");

    private final List<byte[]> secrets;

    DouyinScheme(SchemeOptions options) {
        secrets = options.keys(secret -> HmacKey.listed(secret).stream()
                .map(text -> text.getBytes(UTF_8))
                .toList());
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        Refusal refused = request.headers().refuseUnlessOnce(SIGNATURE);
        if (refused != null) {
            return refused;
        }
        String hex = request.headers().value(SIGNATURE);
        if (!HEX.matcher(hex).matches()) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + SIGNATURE + " is not 40 hexadecimal digits.");
        }
        byte[] signature = HexFormat.of().parseHex(hex);
        if (secrets.stream()
                .noneMatch(secret -> MessageDigest.isEqual(Digest.sha1(secret, request.body()), signature))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + SIGNATURE + " is not the signature of this body: check that the secret is the app's"
                            + " Client Secret and that nothing on the way changes the body.");
        }
        return judge(request.body());
    }

    private static Verdict judge(byte[] body) {
        JsonNode event;
        try {
            event = ExactJson.STRICT.readTree(body);
        } catch (IOException e) {
            return new Refusal(RefusalReason.MALFORMED, "The body is not one JSON object.");
        }
        if (event == null || !event.isObject()) {
            return new Refusal(RefusalReason.MALFORMED, "The body is not one JSON object.");
        }
        if (!event.path("event").asText().equals("verify_webhook")) {
            return MessageId.verifiedByContent(body);
        }
        JsonNode challenge = event.path("content").path("challenge");
        return CHALLENGE.matcher(challenge.asText()).matches()
                ? new Asked(Acknowledgement.json(200, "{\"challenge\":" + challenge + "}"))
                : new Refusal(RefusalReason.MALFORMED, "The challenge is not 1 to 128 letters and digits.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(SIGNATURE, HexFormat.of().formatHex(Digest.sha1(secrets.get(0), body)));
    }

    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE);
    }
}
