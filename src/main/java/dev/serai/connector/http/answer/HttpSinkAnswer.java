package dev.serai.connector.http.answer;

import dev.serai.text.SecretNames;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a target.
 *
 * @param reason the text behind the status, maybe empty
 * @param body null if such an answer has none
 * @param cut why the body is not whole, and then not kept; null if it is
 */
public record HttpSinkAnswer(
        int status,
        String reason,
        MultiMap headers,
        byte @Nullable [] body,
        @Nullable String cut) {

    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** Without a secret that the target repeats. */
    public HttpSinkAnswer masked(UnaryOperator<String> mask) {
        MultiMap plain = MultiMap.caseInsensitiveMultiMap();
        headers.forEach(header -> plain.add(header.getKey(), mask.apply(header.getValue())));
        byte[] text = body == null
                ? null
                : mask.apply(new String(body, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
        return new HttpSinkAnswer(status, mask.apply(reason), plain, text, cut);
    }

    /** Where a redirect leads; null if it is none. */
    public @Nullable String location() {
        return status >= 300 && status < 400 ? headers.get("Location") : null;
    }

    /**
     * As camel-http reports it, for the steps of the user's route.
     *
     * @param judgement null if the status decides
     * @param isOfRecord whether the address named the record
     * @param secrets of the request, which a target may repeat: they are masked
     */
    public HttpSinkAnswerException failure(
            String url, HttpSinkRules.@Nullable Judgement judgement, boolean isOfRecord, List<String> secrets) {
        Map<String, String> copy = new LinkedHashMap<>();
        headers.forEach(header -> copy.put(header.getKey(), SecretNames.masked(header.getValue(), secrets)));
        String text = body == null ? cut : new String(body, StandardCharsets.UTF_8);
        String shown = text == null ? null : SecretNames.masked(text, secrets);
        HttpSinkAnswer masked = new HttpSinkAnswer(status, SecretNames.masked(reason, secrets), headers, body, cut);
        return new HttpSinkAnswerException(url, masked, copy, shown, judgement, isOfRecord);
    }
}
