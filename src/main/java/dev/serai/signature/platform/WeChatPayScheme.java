package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Base64Text;
import dev.serai.signature.Envelope;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.RsaKeys;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.ExactJson;
import dev.serai.text.HttpText;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * WeChat Pay's notifications, API version 3: signed with RSA over time, nonce and raw body ({@link WeChatPayKeys}),
 * with a resource in the body that is encrypted with the merchant's APIv3 key ({@link ApiV3Keys}). The content is the
 * decrypted resource, with the notification's type in the header {@code Wechatpay-Event-Type}.
 *
 * <p>Options: {@code apiV3Key}; {@code publicKeyId} and {@code publicKey}, or {@code certificates}, or both; {@code
 * mchid} and {@code appid} that must match, several separated by spaces. To seal, as WeChat Pay does: {@code
 * privateKey} and {@code serial}.
 *
 * <p>See: https://pay.weixin.qq.com/docs/merchant/products/notification/introduction.html
 */
final class WeChatPayScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class WeChatPayFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public WeChatPayFactory() {
            super("wechatpay", WeChatPayScheme::new);
        }

        @Override
        public Set<String> requestHeaders() {
            Set<String> headers = new HashSet<>(WeChatPayKeys.HEADERS);
            headers.add(REQUEST_ID);
            return headers;
        }
    }

    /** What the body calls event_type; WeChat Pay itself sends no such header. */
    private static final String EVENT_TYPE = "Wechatpay-Event-Type";

    private static final String REQUEST_ID = "Request-ID";
    private static final String CIPHER = "AEAD_AES_256_GCM";
    private static final int NONCE_BYTES = 12;
    private static final int MESSAGE_LENGTH_MAX = 256;
    /**
     * The fields that name the merchant; a service provider's payment has two of them, and either may match. A transfer has
     * {@code mch_id}, a coupon {@code stock_creator_mchid}, a complaint none.
     */
    private static final List<String> MCHIDS =
            List.of("mchid", "sp_mchid", "sub_mchid", "combine_mchid", "mch_id", "stock_creator_mchid");

    /** Refunds have none of these. */
    private static final List<String> APPIDS = List.of("appid", "sp_appid", "sub_appid", "combine_appid");

    private static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);

    private final WeChatPayKeys keys;
    private final ApiV3Keys apiV3Keys;
    private final List<String> mchids;
    private final List<String> appids;
    private final @Nullable PrivateKey privateKey;
    private final @Nullable String serial;
    private final SecureRandom random = new SecureRandom();

    WeChatPayScheme(SchemeOptions options) {
        if (!options.withoutSecrets()) {
            throw new IllegalArgumentException("secret is set, but wechatpay has none: set apiV3Key");
        }
        keys = new WeChatPayKeys(options);
        apiV3Keys = options.required("apiV3Key", ApiV3Keys::new);
        mchids = options.several("mchid");
        appids = options.several("appid");
        privateKey = options.optional("privateKey", RsaKeys::privateKey);
        serial = options.optional("serial");
        if (keys.isEmpty() && privateKey == null) {
            throw new IllegalArgumentException(
                    "publicKeyId, publicKey and certificates are all empty: set the first two, or the last");
        }
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        Refusal refused = keys.refuse(request.headers(), request.body(), now);
        if (refused != null) {
            return refused;
        }
        JsonNode notification = object(request.body());
        String id = notification == null ? "" : notification.path("id").asText();
        if (notification == null || !MessageId.isHeaderSafe(id)) {
            return malformed("is not a JSON object with an id");
        }
        JsonNode resource = notification.path("resource");
        if (!resource.path("algorithm").asText().equals(CIPHER)) {
            return malformed("has no resource with the algorithm " + CIPHER);
        }
        byte[] ciphertext = Base64Text.decode(resource.path("ciphertext").asText());
        byte[] nonce = resource.path("nonce").asText().getBytes(UTF_8);
        if (ciphertext == null || ciphertext.length == 0 || nonce.length == 0) {
            return malformed("has a resource without a nonce, or without a ciphertext in base64");
        }
        byte[] associatedData = resource.path("associated_data").asText("").getBytes(UTF_8);
        byte[] plain = apiV3Keys.decrypt(ciphertext, nonce, associatedData);
        if (plain == null) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The notification's resource cannot be decrypted with apiV3Key: set it to the key in the merchant"
                            + " platform, and after a change to the new and the old one.");
        }
        return judge(id, notification.path("event_type").asText(), plain);
    }

    private Verdict judge(String id, String eventType, byte[] plain) {
        JsonNode content = object(plain);
        if (content == null) {
            return malformed("has a resource that is not a JSON object");
        }
        if (!mchids.isEmpty() && has(content, MCHIDS) && !names(content, mchids, MCHIDS)) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY, "The notification names no merchant that is listed in mchid.");
        }
        if (!appids.isEmpty() && has(content, APPIDS) && !names(content, appids, APPIDS)) {
            return new Refusal(RefusalReason.UNKNOWN_KEY, "The notification names no app that is listed in appid.");
        }
        Map<String, String> headers = MessageId.isHeaderSafe(eventType) ? Map.of(EVENT_TYPE, eventType) : Map.of();
        return new Verified(id, new Content(plain, "application/json", headers));
    }

    /** A filter applies only to what can carry it. */
    private static boolean has(JsonNode content, List<String> fields) {
        return fields.stream().anyMatch(content::has);
    }

    private static boolean names(JsonNode content, List<String> expected, List<String> fields) {
        return fields.stream()
                .anyMatch(field -> expected.contains(content.path(field).asText()));
    }

    private static Refusal malformed(String what) {
        return new Refusal(
                RefusalReason.MALFORMED,
                "The body " + what + ": this path accepts only WeChat Pay's APIv3 notifications.");
    }

    private static @Nullable JsonNode object(byte[] json) {
        try {
            JsonNode node = ExactJson.STRICT.readTree(json);
            return node != null && node.isObject() ? node : null;
        } catch (IOException e) {
            return null; // its message would quote the content
        }
    }

    /** No body: the status is all that WeChat Pay looks at. */
    @Override
    public Acknowledgement accepted() {
        return new Acknowledgement(204, null, new byte[0]);
    }

    @Override
    public Acknowledgement failed(int status, String detail) {
        String message = detail.length() <= MESSAGE_LENGTH_MAX ? detail : detail.substring(0, MESSAGE_LENGTH_MAX);
        ObjectNode answer =
                ExactJson.MAPPER.createObjectNode().put("code", "FAIL").put("message", message);
        return Acknowledgement.json(status, answer.toString());
    }

    /** The notification that WeChat Pay would send of this resource. */
    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        String keySerial = serial != null ? serial : keys.preferredSerial();
        if (privateKey == null || keySerial == null) {
            throw new IllegalArgumentException(
                    "privateKey or serial is empty: to sign as WeChat Pay does, set both to those of a test key");
        }
        byte[] notification = notification(body, HttpText.headerValue(id), now);
        String timestamp = Long.toString(now.getEpochSecond());
        String nonce = nonce();
        byte[] signature =
                RsaKeys.sign(privateKey, WeChatPayKeys.signed(timestamp, nonce), notification, WeChatPayKeys.END);
        Map<String, String> headers = Map.of(
                WeChatPayKeys.SERIAL, keySerial,
                WeChatPayKeys.TIMESTAMP, timestamp,
                WeChatPayKeys.NONCE, nonce,
                WeChatPayKeys.SIGNATURE, Base64.getEncoder().encodeToString(signature),
                WeChatPayKeys.TYPE, WeChatPayKeys.RSA);
        return new Envelope(headers, null, notification, "application/json");
    }

    private byte[] notification(byte[] body, String id, Instant now) {
        JsonNode content = object(body);
        boolean refund = content != null && content.has("refund_status");
        String kind = refund ? "refund" : "transaction";
        String state = content == null
                ? "SUCCESS"
                : content.path(refund ? "refund_status" : "trade_state").asText("SUCCESS");
        String nonce = nonce();
        ObjectNode notification = ExactJson.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("create_time", beijing(now))
                .put("resource_type", "encrypt-resource")
                .put("event_type", (refund ? "REFUND." : "TRANSACTION.") + (state.isEmpty() ? "SUCCESS" : state))
                .put("summary", refund ? "退款通知" : "支付通知");
        notification
                .putObject("resource")
                .put("original_type", kind)
                .put("algorithm", CIPHER)
                .put(
                        "ciphertext",
                        Base64.getEncoder()
                                .encodeToString(apiV3Keys.encrypt(body, nonce.getBytes(UTF_8), kind.getBytes(UTF_8))))
                .put("associated_data", kind)
                .put("nonce", nonce);
        try {
            return ExactJson.MAPPER.writeValueAsBytes(notification);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree cannot be written", e);
        }
    }

    private static String beijing(Instant time) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                time.truncatedTo(ChronoUnit.SECONDS).atOffset(BEIJING));
    }

    /** GCM's 12 bytes as 12 characters, since they travel as text. */
    private String nonce() {
        byte[] bytes = new byte[NONCE_BYTES * 3 / 4];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public Set<String> signatureHeaders() {
        Set<String> headers = new HashSet<>(WeChatPayKeys.HEADERS);
        headers.add(EVENT_TYPE); // set from the signed body only, never taken from a request
        return Set.copyOf(headers);
    }

    @Override
    public String idHeader() {
        return REQUEST_ID;
    }
}
