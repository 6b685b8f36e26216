package dev.serai.signature.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Base64Text;
import dev.serai.signature.HmacKey;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.QueryText;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents over HTTP: binary, structured and in batches, with a token as Bearer credentials or in the query's
 * {@code access_token}. The address is checked by OPTIONS. The id is the event's {@code id} and {@code source}. The content of a
 * single event is its data, with the attributes in {@code ce-*} headers; a batch stays the list of events that it is.
 *
 * <p>See: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md and bindings/http-protocol-binding.md
 */
final class CloudEventsScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class CloudEventsFactory extends NamedFactory<SignatureScheme>
            implements SignatureSchemeFactory {
        public CloudEventsFactory() {
            super("cloudevents", CloudEventsScheme::new);
        }

        @Override
        public Set<String> requestHeaders() {
            return Set.of("ce-*", AUTHORIZATION, ORIGIN, RATE);
        }

        @Override
        public Set<String> methods() {
            return Set.of("OPTIONS", "POST");
        }
    }

    private static final String AUTHORIZATION = "Authorization";
    private static final String BEARER = "Bearer ";
    private static final String ORIGIN = "WebHook-Request-Origin";
    private static final String RATE = "WebHook-Request-Rate";
    private static final Pattern HOST = Pattern.compile("[0-9A-Za-z.:_-]{1,253}");
    private static final Pattern PER_MINUTE = Pattern.compile("[1-9][0-9]{0,8}");
    private static final Pattern ATTRIBUTE = Pattern.compile("[a-z0-9]{1,40}");

    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    private final List<byte[]> tokens;

    CloudEventsScheme(SchemeOptions options) {
        tokens = options.keys(secret -> HmacKey.listed(secret).stream()
                .map(text -> text.getBytes(UTF_8))
                .toList());
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        if (request.method().equals("OPTIONS")) {
            return consent(request);
        }
        Refusal refused = refuseToken(request);
        if (refused != null) {
            return refused;
        }
        String type = request.headers().value("Content-Type").toLowerCase(Locale.ROOT);
        if (type.startsWith(BATCH)) {
            return batch(request.body());
        }
        return type.startsWith(STRUCTURED) ? structured(request.body()) : binary(request);
    }

    /** Any host may send, as often as it asks for: what it sends needs the token. The rate is always answered (4.2.2). */
    private static Verdict consent(SignedRequest request) {
        String origin = request.headers().value(ORIGIN);
        if (!HOST.matcher(origin).matches()) {
            return new Refusal(RefusalReason.MISSING, "The header " + ORIGIN + " is missing or no host name.");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Allow", "OPTIONS, POST");
        headers.put("WebHook-Allowed-Origin", origin);
        String rate = request.headers().value(RATE);
        headers.put("WebHook-Allowed-Rate", PER_MINUTE.matcher(rate).matches() ? rate : "*");
        return new Asked(new Acknowledgement(200, null, new byte[0], headers));
    }

    private @Nullable Refusal refuseToken(SignedRequest request) {
        String inHeader = request.headers().value(AUTHORIZATION);
        String inQuery = QueryText.value(request.query(), "access_token");
        boolean isBearer = inHeader.regionMatches(true, 0, BEARER, 0, BEARER.length());
        String given = isBearer ? inHeader.substring(BEARER.length()).strip() : inQuery;
        if (given == null || (isBearer && inQuery != null)) {
            return new Refusal(
                    RefusalReason.MISSING,
                    "The request has no token, or two: send it as Authorization: Bearer, or as access_token in the query.");
        }
        boolean isKnown = false;
        for (byte[] known : tokens) {
            isKnown |= MessageDigest.isEqual(known, given.getBytes(UTF_8));
        }
        return isKnown
                ? null
                : new Refusal(RefusalReason.FORGED, "The token is wrong: check that both sides have the same secret.");
    }

    private static Verdict binary(SignedRequest request) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String name : List.of("specversion", "id", "source", "type", "subject", "time", "dataschema")) {
            List<String> values = request.headers().values("ce-" + name);
            if (values.size() > 1) {
                return malformed("has the header ce-" + name + " twice");
            }
            if (!values.isEmpty()) {
                String decoded = decoded(values.get(0));
                if (decoded == null) {
                    return malformed("has a header ce-" + name + " that is not percent-encoded UTF-8");
                }
                attributes.put(name, decoded);
            }
        }
        String missing = missing(attributes);
        if (missing != null) {
            return malformed("has no header ce-" + missing);
        }
        String type = request.headers().value("Content-Type");
        return new Verified(
                id(attributes),
                new Content(request.body(), type.isEmpty() ? "application/octet-stream" : type, headers(attributes)));
    }

    private static Verdict structured(byte[] body) {
        JsonNode event = json(body);
        if (event == null || !event.isObject()) {
            return malformed("is not one JSON object");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        event.properties().forEach(attribute -> {
            if (ATTRIBUTE.matcher(attribute.getKey()).matches()
                    && attribute.getValue().isValueNode()
                    && !attribute.getValue().isNull()
                    && !attribute.getKey().equals("data")) {
                attributes.put(attribute.getKey(), attribute.getValue().asText());
            }
        });
        String missing = missing(attributes);
        if (missing != null) {
            return malformed("has no " + missing);
        }
        String type = attributes.remove("datacontenttype");
        String contentType = type == null ? "application/json" : type;
        byte[] data = data(event, contentType);
        return data == null
                ? malformed("has a data_base64 that is not base64")
                : new Verified(id(attributes), new Content(data, contentType, headers(attributes)));
    }

    private static byte @Nullable [] data(JsonNode event, String contentType) {
        if (event.has("data_base64")) {
            return Base64Text.decode(event.path("data_base64").asText());
        }
        JsonNode data = event.path("data");
        if (data.isMissingNode()) {
            return new byte[0];
        }
        boolean isJson = contentType.toLowerCase(Locale.ROOT).contains("json");
        return (data.isTextual() && !isJson ? data.textValue() : data.toString()).getBytes(UTF_8);
    }

    private static Verdict batch(byte[] body) {
        JsonNode events = json(body);
        if (events == null || !events.isArray()) {
            return malformed("is not a JSON list");
        }
        for (JsonNode event : events) {
            for (String name : REQUIRED) {
                if (event.path(name).asText().isEmpty()) {
                    return malformed("has an event without " + name);
                }
            }
        }
        return new Verified(null);
    }

    private static @Nullable String missing(Map<String, String> attributes) {
        return REQUIRED.stream()
                .filter(name -> attributes.getOrDefault(name, "").isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** Unique together, as the specification says. */
    private static String id(Map<String, String> attributes) {
        String id = attributes.get("source") + "#" + attributes.get("id");
        return MessageId.isHeaderSafe(id)
                ? id
                : String.valueOf(MessageId.verifiedByContent(id.getBytes(UTF_8)).id());
    }

    private static Map<String, String> headers(Map<String, String> attributes) {
        Map<String, String> headers = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            if (value.chars().noneMatch(Character::isISOControl)) {
                headers.put("ce-" + name, value);
            }
        });
        return headers;
    }

    private static @Nullable String decoded(String value) {
        try {
            String text = URLDecoder.decode(value.replace("+", "%2B"), UTF_8);
            return text.indexOf('\uFFFD') < 0 ? text : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable JsonNode json(byte[] body) {
        try {
            return ExactJson.STRICT.readTree(body);
        } catch (IOException e) {
            return null; // its message would quote the content
        }
    }

    private static Refusal malformed(String what) {
        return new Refusal(
                RefusalReason.MALFORMED, "The request " + what + ": this path accepts only CloudEvents 1.0.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(AUTHORIZATION, BEARER + new String(tokens.get(0), UTF_8));
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(AUTHORIZATION, ORIGIN, RATE);
    }
}
