package dev.serai.connector.http.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a token endpoint has answered. The names of its fields are those of OAuth or of any of the platforms.
 *
 * @param seconds how long the token is valid; 0 if that is not known
 * @param refreshToken the next one, if there is one
 */
record TokenAnswer(String value, long seconds, @Nullable String refreshToken) {
    private static final List<String> TOKENS =
            List.of("access_token", "accessToken", "tenant_access_token", "app_access_token");
    private static final List<String> SECONDS = List.of("expires_in", "expireIn", "expire", "expiresIn");
    private static final List<String> CODES = List.of("errcode", "code", "error_code", "errorcode");
    private static final List<String> MESSAGES = List.of("errmsg", "msg", "message", "error_msg");
    private static final int MESSAGE_CHARS_MAX = 160;
    private static final int TOKEN_CHARS_MAX = 8_192;
    private static final int OK = 200;

    /** What header and query can hold; RFC 6750 section 2.1 is narrower. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    /** RFC 6749 section 5.2, where it is short enough for a message. */
    private static final Pattern CODE = Pattern.compile("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]{1,60}");

    /** @throws NoTokenException if it holds no token */
    static TokenAnswer of(int status, byte[] body) throws NoTokenException {
        JsonNode json = json(body);
        String refused = refusal(json);
        if (status != OK) {
            throw new NoTokenException("HTTP " + status + (refused == null ? "" : " " + refused));
        }
        if (refused != null) {
            throw new NoTokenException("its answer holds no bearer token, but " + refused);
        }
        String value = first(json, TOKENS).asText("");
        String type = json.path("token_type").asText("bearer");
        if (value.length() > TOKEN_CHARS_MAX || !TOKEN.matcher(value).matches() || !type.equalsIgnoreCase("bearer")) {
            throw new NoTokenException("its answer holds no bearer token");
        }
        String refresh = json.path("refresh_token").asText("");
        return new TokenAnswer(value, first(json, SECONDS).asLong(0), refresh.isBlank() ? null : refresh);
    }

    /** Why there is no token. */
    static final class NoTokenException extends Exception {
        private static final long serialVersionUID = 1L;

        NoTokenException(String reason) {
            super(reason);
        }
    }

    private static JsonNode json(byte[] body) {
        try {
            return ExactJson.MAPPER.readTree(new String(body, UTF_8));
        } catch (JsonProcessingException e) {
            return ExactJson.MAPPER.createObjectNode(); // the message would quote it
        }
    }

    private static JsonNode first(JsonNode json, List<String> names) {
        return names.stream()
                .map(json::path)
                .filter(field -> field.isValueNode() && !field.isNull())
                .findFirst()
                .orElseGet(() -> json.path(names.get(0)));
    }

    /** The error that it says; null if it says none. */
    private static @Nullable String refusal(JsonNode json) {
        String error = json.path("error").asText("");
        if (CODE.matcher(error).matches()) { // its description may repeat the credentials
            return error + ": check clientId, clientSecret and "
                    + (error.equals("invalid_grant") ? "refreshToken" : "scope");
        }
        for (String name : CODES) {
            JsonNode field = json.path(name);
            String code = field.isValueNode() && !field.isNull() ? field.asText() : "0";
            if (!code.equals("0") && CODE.matcher(code).matches()) {
                String message = first(json, MESSAGES).asText("");
                return name + " " + code + (message.isBlank() ? "" : ": " + LogText.line(message, MESSAGE_CHARS_MAX));
            }
        }
        return null;
    }
}
