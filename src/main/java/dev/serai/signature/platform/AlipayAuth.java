package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.serai.signature.HeaderLookup;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthFactory;
import dev.serai.signature.RsaKeys;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.io.IOException;
import java.net.URI;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls Alipay's gateway: completes and signs the query of a GET, and accepts only answers that Alipay signed. The
 * address has the gateway, {@code method} and {@code biz_content}; the other common parameters are added.
 *
 * <p>Options: {@code appId}, {@code privateKey} (the app's) and, for the answers, {@code alipayPublicKey} as in {@link
 * AlipayScheme}.
 *
 * <p>The signature covers the answer but not the request, and failures are signed as well: the reader must check {@code
 * code} and which trade it is.
 *
 * <p>See: https://opendocs.alipay.com/common/02kf5q and https://opendocs.alipay.com/common/02mse7
 */
public final class AlipayAuth implements RequestAuth {

    /** Registers the way to sign requests under its name. */
    public static final class AlipayAuthFactory extends NamedFactory<RequestAuth> implements RequestAuthFactory {
        public AlipayAuthFactory() {
            super("alipay", AlipayAuth::new);
        }
    }

    private static final String RESPONSE = "_response";
    private static final String ERROR = "error_response";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final String appId;
    private final PrivateKey privateKey;
    private final AlipayKeys keys;

    /**
     * Reads the options.
     *
     * @throws IllegalArgumentException if one is missing or cannot be read; the message names it, never its value
     */
    public AlipayAuth(SchemeOptions options) {
        appId = options.required("appId");
        if (!appId.matches("[0-9A-Za-z_-]+")) {
            throw new IllegalArgumentException("appId may be one app's id only: take it from Alipay's console");
        }
        privateKey = options.required("privateKey", RsaKeys::privateKey);
        keys = AlipayKeys.of(options);
    }

    @Override
    public Signed sign(URI address, Instant now) {
        Map<String, String> query = query(address);
        query.keySet().remove(AlipayForm.SIGN);
        query.put("app_id", appId);
        query.put("charset", "utf-8");
        query.put(AlipayForm.SIGN_TYPE, AlipayScheme.RSA2);
        query.put("timestamp", AlipayScheme.chinaTime(now));
        query.putIfAbsent("format", "JSON");
        query.putIfAbsent("version", "1.0");
        query.values().removeIf(String::isEmpty); // Alipay does not sign empty parameters
        query.put(AlipayForm.SIGN, AlipayScheme.sign(privateKey, query));
        String gateway = address.toASCIIString().replaceFirst("[?#].*$", "");
        return new Signed(URI.create(gateway + "?" + AlipayScheme.encoded(query)), Map.of());
    }

    private static Map<String, String> query(URI address) {
        String query = URI.create(address.toASCIIString()).getRawQuery();
        try {
            return new TreeMap<>(AlipayForm.read((query == null ? "" : query).getBytes(UTF_8))
                    .texts());
        } catch (AlipayForm.Unreadable e) {
            throw new IllegalArgumentException("The address's query " + e.what, e);
        }
    }

    @Override
    public @Nullable Refusal refuse(byte[] body, HeaderLookup headers, Instant now) {
        GatewayAnswer answer = answer(body);
        if (answer == null) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The answer is not a JSON object with one object …_response and a sign: check that the address is that of"
                            + " Alipay's gateway, and that format is JSON.");
        }
        if (answer.sign == null) {
            return new Refusal(
                    RefusalReason.MISSING,
                    answer.name.equals(ERROR)
                            ? "The answer is an error_response without a signature: check appId, method and the keys in"
                                    + " Alipay's console."
                            : "The answer has no sign, so it may be forged: check the keys in Alipay's console.");
        }
        byte[] signature = AlipayKeys.signature(answer.sign);
        if (keys.match(signature, answer.signed) || keys.match(signature, slashesUnescaped(answer.signed))) {
            return null;
        }
        return new Refusal(
                RefusalReason.FORGED,
                "The answer's sign is not Alipay's signature of this answer: check that alipayPublicKey is Alipay's key"
                        + " (not the app's own).");
    }

    /** Some of Alipay's systems sign before they escape. Both say the same, and Alipay's own library tries both. */
    private static byte[] slashesUnescaped(byte[] json) {
        String text = new String(json, UTF_8);
        boolean same = !text.contains("\\\\"); // after a backslash, \/ is something else
        return same ? text.replace("\\/", "/").getBytes(UTF_8) : json;
    }

    /**
     * An answer that is not verified yet.
     *
     * @param signed the raw bytes of the response
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record GatewayAnswer(
            String name, byte[] signed, @Nullable String sign) {}

    /** Cut from the raw bytes, because serializing it again could change the bytes. */
    private static @Nullable GatewayAnswer answer(byte[] body) {
        String name = null;
        byte[] signed = null;
        String sign = null;
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.endsWith(RESPONSE) && value == JsonToken.START_OBJECT && name == null) {
                    int from = (int) json.currentTokenLocation().getByteOffset();
                    json.skipChildren();
                    name = field;
                    signed = Arrays.copyOfRange(
                            body, from, (int) json.currentLocation().getByteOffset());
                } else if (field.equals(AlipayForm.SIGN) && value == JsonToken.VALUE_STRING) {
                    sign = json.getText();
                } else if (value.isStructStart()) {
                    return null; // it is not signed, and could be mistaken for the answer
                }
            }
            return json.nextToken() == null && name != null && signed != null
                    ? new GatewayAnswer(name, signed, sign)
                    : null;
        } catch (IOException e) {
            return null; // its message would quote the answer
        }
    }
}
