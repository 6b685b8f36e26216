package dev.serai.reconcile.readback;

import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.http.pull.HttpPullFormat;
import dev.serai.connector.http.pull.HttpPullPagingOptions;
import dev.serai.connector.http.pull.HttpPullRequestOptions;
import dev.serai.connector.http.pull.HttpPullSource;
import dev.serai.connector.http.token.TokenOptions;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.camel.CamelContext;

/**
 * How records are asked for over HTTP: parameters of the Kamelet {@code http-pull-source}, by their names.
 *
 * <p>Threads: safe.
 */
final class HttpBlock {
    /** What one answer may have, as for the Kamelet. */
    private static final long ANSWER_BYTES_MAX = 68_157_440;

    /** How many records there are, which the Kamelet has no use for. */
    static final String TOTAL = "total";

    private static final String TIMEOUT = "30s";
    private static final Set<String> AUTH_OPTIONS = Set.of(
            "mchid",
            "serialNumber",
            "privateKey",
            "publicKeyId",
            "publicKey",
            "certificates",
            "appId",
            "alipayPublicKey");

    private final Map<String, String> parameters;

    HttpBlock(Map<String, String> parameters) {
        this.parameters = Map.copyOf(parameters);
    }

    String get(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** The same with another value. */
    HttpBlock with(String name, String value) {
        Map<String, String> other = new HashMap<>(parameters);
        other.put(name, value);
        return new HttpBlock(other);
    }

    /** The names that a block may have. */
    static Set<String> names() {
        Map<String, Consumer<String>> setters = new LinkedHashMap<>();
        new SourceSetup("http://127.0.0.1", TIMEOUT).into(setters);
        setters.put("url", none -> {});
        setters.put("timeout", none -> {});
        setters.put(TOTAL, none -> {});
        return Collections.unmodifiableSet(setters.keySet());
    }

    /**
     * A source that is initialised and not started.
     *
     * @param totals gets how many records the answers say that there are
     * @throws IllegalArgumentException with what to do, if a parameter is wrong
     */
    HttpPullSource source(CamelContext context, LongConsumer totals) {
        if (get("url").isBlank()) {
            throw new IllegalArgumentException("url is missing");
        }
        String timeout = get("timeout");
        SourceSetup setup = new SourceSetup(get("url"), timeout.isEmpty() ? TIMEOUT : timeout);
        Map<String, Consumer<String>> setters = new HashMap<>();
        setup.into(setters);
        setters.put(TOTAL, total -> setup.paging.setTotal(total, totals));
        parameters.forEach((name, value) -> {
            Consumer<String> setter = setters.get(name);
            if (setter != null) {
                setter.accept(value);
            }
        });
        return setup.finish(context);
    }

    /** The parts of one source while their parameters are set. */
    private static final class SourceSetup {
        private final HttpPullSource source;
        private final HttpPullRequestOptions request = new HttpPullRequestOptions();
        private final HttpPullPagingOptions paging = new HttpPullPagingOptions();
        private final HttpPullFormat format = new HttpPullFormat();
        private final TokenOptions token = new TokenOptions();
        private final HttpClientSetup client;
        private final Map<String, String> auth = new HashMap<>();

        SourceSetup(String url, String timeout) {
            this.source = new HttpPullSource(url);
            this.client = new HttpClientSetup(timeout, ANSWER_BYTES_MAX);
        }

        void into(Map<String, Consumer<String>> setters) {
            setters.put("method", request::setMethod);
            setters.put("body", request::setBody);
            setters.put("contentType", request::setContentType);
            setters.put("headers", request::setHeaders);
            setters.put("query", request::setQuery);
            setters.put("username", request::setUsername);
            setters.put("password", request::setPassword);
            setters.put("bearerToken", request::setBearerToken);
            setters.put("allowHosts", request::setAllowHosts);
            setters.put("credentialHosts", request::setCredentialHosts);
            setters.put("next", paging::setNext);
            setters.put("nextHeader", paging::setNextHeader);
            setters.put("rate", paging::setRate);
            setters.put("pageDelay", paging::setPageDelay);
            setters.put("startPage", value -> paging.setStartPage(number("startPage", value)));
            setters.put("pageSize", value -> paging.setPageSize(number("pageSize", value)));
            setters.put("maxPages", value -> paging.setMaxPages(number("maxPages", value)));
            setters.put("records", format::setRecords);
            setters.put("format", format::setFormat);
            setters.put("delimiter", format::setDelimiter);
            setters.put("tokens", token::setTokens);
            setters.put("tokenUrl", token::setTokenUrl);
            setters.put("clientId", token::setClientId);
            setters.put("clientSecret", token::setClientSecret);
            setters.put("clientAuth", token::setClientAuth);
            setters.put("scope", token::setScope);
            setters.put("audience", token::setAudience);
            setters.put("refreshToken", token::setRefreshToken);
            setters.put("tokenHeader", token::setTokenHeader);
            setters.put("tokenQuery", token::setTokenQuery);
            setters.put("tokenExpiredWhen", token::setTokenExpiredWhen);
            setters.put("trustedCertificates", client::setTrustedCertificates);
            setters.put("keyStore", client::setKeyStore);
            setters.put("keyPassword", client::setKeyPassword);
            setters.put("auth", source::setAuth);
            AUTH_OPTIONS.forEach(name -> setters.put(name, value -> auth.put(name, value)));
        }

        private static int number(String name, String value) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + " must be a whole number, not " + value, e);
            }
        }

        HttpPullSource finish(CamelContext context) {
            source.setRequest(request);
            source.setPaging(paging);
            source.setFormat(format);
            source.setToken(token);
            source.setClient(client);
            source.setAuthOptions(auth);
            source.setCamelContext(context);
            source.init();
            return source;
        }
    }
}
