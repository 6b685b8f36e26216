package dev.serai.connector.http.token;

import dev.serai.text.HttpText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a request has its access token: in a header or in the query.
 *
 * @param name of the header or of the parameter
 * @param prefix of the header's value
 */
public record TokenPlace(boolean isQuery, String name, String prefix) {
    static final TokenPlace BEARER = new TokenPlace(false, "Authorization", "Bearer ");

    static TokenPlace inHeader(String name) {
        if (!HttpText.isHeaderName(name)) {
            throw new IllegalArgumentException("tokenHeader must be the name of a header");
        }
        return name.equalsIgnoreCase(BEARER.name()) ? BEARER : new TokenPlace(false, name, "");
    }

    static TokenPlace inQuery(String name) {
        return new TokenPlace(true, name, "");
    }

    /** The headers that replace those of the same names; none if the token is in the query. */
    public Map<String, String> headers(AccessToken token) {
        return isQuery ? Map.of() : Map.of(name, prefix + token.value());
    }

    /**
     * The address, or its path and query, with the token. All else stays as it is written; a parameter of the name, which only
     * an address without a token or a redirect can have, is replaced.
     */
    public String target(String target, @Nullable AccessToken token) {
        if (!isQuery || token == null) {
            return target;
        }
        int end = target.indexOf('#');
        String address = end < 0 ? target : target.substring(0, end);
        String parameter = HttpText.urlValue(name) + "=";
        String value = parameter + HttpText.urlValue(token.value());
        int query = address.indexOf('?');
        if (query < 0) {
            return address + "?" + value;
        }
        String[] parts = address.substring(query + 1).split("&", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].startsWith(parameter)) {
                parts[i] = value;
                return address.substring(0, query + 1) + String.join("&", parts);
            }
        }
        boolean isEmpty = query == address.length() - 1;
        return address + (isEmpty ? "" : "&") + value;
    }
}
