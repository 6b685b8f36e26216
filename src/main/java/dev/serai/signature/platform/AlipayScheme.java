package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.signature.Acknowledgement;
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
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Alipay's asynchronous notifications: a form, signed with RSA2 over its fields ({@link AlipayForm}). The content is a
 * JSON object of the signed fields, all of them strings. The time of the attempt, which differs when Alipay sends a
 * notification again, is not in it but in the header {@code Alipay-Notify-Time}.
 *
 * <p>Options: {@code alipayPublicKey}; {@code appId} and {@code sellerId} that must match, several separated by spaces.
 * To seal, as Alipay does: {@code privateKey}.
 *
 * <p>The age of a request is not signed, so a replay is recognised only by its id, {@code notify_id}.
 *
 * <p>See: https://opendocs.alipay.com/open/203/105286
 */
final class AlipayScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class AlipayFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public AlipayFactory() {
            super("alipay", AlipayScheme::new);
        }
    }

    static final String RSA2 = "RSA2";

    /** What the form calls notify_time; Alipay itself sends no such header. */
    private static final String TIME_HEADER = "Alipay-Notify-Time";

    private static final String ID = "notify_id";
    private static final String TIME = "notify_time";

    private static final DateTimeFormatter CHINA_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.ofHours(8));

    private final AlipayKeys keys;
    private final List<String> appIds;
    private final List<String> sellerIds;
    private final @Nullable PrivateKey privateKey;

    AlipayScheme(SchemeOptions options) {
        if (!options.withoutSecrets()) {
            throw new IllegalArgumentException("secret is set, but alipay has none: set alipayPublicKey");
        }
        privateKey = options.optional("privateKey", RsaKeys::privateKey);
        keys = privateKey != null && options.optional(AlipayKeys.OPTION) == null
                ? AlipayKeys.none()
                : AlipayKeys.of(options);
        appIds = options.several("appId");
        sellerIds = options.several("sellerId");
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        AlipayForm form;
        try {
            form = AlipayForm.read(request.body());
        } catch (AlipayForm.Unreadable e) {
            return malformed(e.what);
        }
        String sign = form.text(AlipayForm.SIGN);
        if (sign.isEmpty()) {
            return new Refusal(
                    RefusalReason.MISSING, "The field sign is missing: this path accepts only Alipay's notifications.");
        }
        String type = form.text(AlipayForm.SIGN_TYPE);
        if (!type.isEmpty() && !type.equals(RSA2)) { // it is not signed, so it may only lead to a refusal
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY,
                    "The field sign_type is not RSA2, the only type checked here (RSA is SHA-1, which can be forged):"
                            + " choose RSA2 for the app's keys in Alipay's console.");
        }
        AlipayForm signed = signed(form, AlipayKeys.signature(sign));
        if (signed == null) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The field sign is not the signature of these fields: check that alipayPublicKey is Alipay's key (not"
                            + " the app's own) and that nothing on the way changes the form.");
        }
        return judge(signed);
    }

    /** The part of the form that is signed; null if none is. Some of Alipay's signers leave out empty fields, some do not. */
    private @Nullable AlipayForm signed(AlipayForm form, byte[] signature) {
        AlipayForm all = form.signed(true);
        if (keys.match(signature, all.content())) {
            return all;
        }
        AlipayForm filled = form.signed(false);
        return keys.match(signature, filled.content()) ? filled : null;
    }

    private Verdict judge(AlipayForm signed) {
        if (signed.isAmbiguous()) {
            return malformed(
                    "has a field whose text looks like another field (&name=), so other fields could have the same signature");
        }
        String id = signed.text(ID);
        if (!MessageId.isHeaderSafe(id)) {
            return malformed("has no notify_id of visible ASCII characters");
        }
        if (!appIds.isEmpty() && !appIds.contains(signed.text("app_id"))) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY, "The notification is not for an app that is listed in appId.");
        }
        if (!sellerIds.isEmpty() && !sellerIds.contains(signed.text("seller_id"))) {
            return new Refusal(
                    RefusalReason.UNKNOWN_KEY, "The notification is not for a seller that is listed in sellerId.");
        }
        Map<String, String> fields = signed.texts();
        String time = fields.remove(TIME);
        Map<String, String> headers =
                time == null || !time.matches("[0-9 :.-]+") ? Map.of() : Map.of(TIME_HEADER, time);
        try {
            return new Verified(
                    id, new Content(ExactJson.MAPPER.writeValueAsBytes(fields), "application/json", headers));
        } catch (JsonProcessingException e) {
            return malformed("has text that JSON cannot represent"); // half of a surrogate pair
        }
    }

    private static Refusal malformed(String what) {
        return new Refusal(
                RefusalReason.MALFORMED,
                "The body " + what + ": this path accepts only Alipay's notifications, unchanged.");
    }

    /** These seven bytes and nothing else, or Alipay sends it again. */
    @Override
    public Acknowledgement accepted() {
        return new Acknowledgement(200, "text/plain", "success".getBytes(UTF_8));
    }

    /** Alipay reads no reason. */
    @Override
    public Acknowledgement failed(int status, String detail) {
        return new Acknowledgement(status, "text/plain", "fail".getBytes(UTF_8));
    }

    /** The notification that Alipay would send of these fields, a JSON object. */
    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        if (privateKey == null) {
            throw new IllegalArgumentException("privateKey is empty: to sign as Alipay does, set it to a test key");
        }
        Map<String, String> fields = fields(body);
        fields.keySet().removeAll(Set.of(AlipayForm.SIGN, AlipayForm.SIGN_TYPE));
        fields.put(ID, HttpText.headerValue(id));
        fields.put(TIME, chinaTime(now));
        fields.put("charset", "utf-8");
        fields.putIfAbsent("notify_type", "trade_status_sync");
        fields.putIfAbsent("version", "1.0");
        fields.values().removeIf(String::isEmpty);
        fields.put(AlipayForm.SIGN, sign(privateKey, fields));
        fields.put(AlipayForm.SIGN_TYPE, RSA2);
        return new Envelope(
                Map.of(), null, encoded(fields).getBytes(UTF_8), "application/x-www-form-urlencoded; charset=utf-8");
    }

    private static Map<String, String> fields(byte[] body) {
        Map<String, String> fields = new TreeMap<>();
        if (body.length > 0) {
            object(body).properties().forEach(field -> fields.put(field.getKey(), text(field.getValue())));
        }
        return fields;
    }

    private static JsonNode object(byte[] json) {
        try {
            JsonNode node = ExactJson.ONE_VALUE.readTree(json);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            // continue below: the message would quote the content
        }
        throw new IllegalArgumentException("The body is not a JSON object: give the notification's fields as one");
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "" : value.isContainerNode() ? value.toString() : value.asText();
    }

    /** As Alipay writes times. */
    static String chinaTime(Instant time) {
        return CHINA_TIME.format(time);
    }

    /** The signature of the fields, which are all of those that are signed, sorted by name. */
    static String sign(PrivateKey key, Map<String, String> sorted) {
        String content = sorted.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining("&"));
        return Base64.getEncoder().encodeToString(RsaKeys.sign(key, content.getBytes(UTF_8)));
    }

    /** As a form, or a query. */
    static String encoded(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> HttpText.urlValue(field.getKey()) + "=" + HttpText.urlValue(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** The signature is in the body. */
    @Override
    public Set<String> signatureHeaders() {
        return Set.of(TIME_HEADER); // set from the signed body only, never taken from a request
    }
}
