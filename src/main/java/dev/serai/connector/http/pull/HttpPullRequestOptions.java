package dev.serai.connector.http.pull;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.http.HttpHeaderOption;
import dev.serai.connector.pull.PullTime;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of a pull have besides their address, and which servers get it.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class HttpPullRequestOptions {
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Pattern HOST = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?");

    private String method = "GET";
    private @Nullable String body;
    private String contentType = JSON;
    private Map<String, String> headers = Map.of();
    private Map<String, String> query = Map.of();
    private @Nullable String username;
    private @Nullable String password;
    private @Nullable String bearerToken;
    private Set<String> allowHosts = Set.of();
    private Set<String> credentialHosts = Set.of();
    private @Nullable String timeFormat;
    private @Nullable String zone;

    // ---- What a request has

    String method() {
        return method;
    }

    @Nullable String body() {
        return body;
    }

    String contentType() {
        return contentType;
    }

    boolean isForm() {
        return contentType.toLowerCase(Locale.ROOT).startsWith(FORM);
    }

    PullTime time() {
        return new PullTime(timeFormat, zone);
    }

    /** The headers for a server that gets the credentials. */
    Map<String, String> credentials() {
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (bearerToken != null) {
            all.put("Authorization", "Bearer " + bearerToken);
        } else if (username != null) {
            byte[] pair = (username + ":" + (password == null ? "" : password)).getBytes(UTF_8);
            all.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        }
        return all;
    }

    /** The address for a server that gets the credentials. */
    URI withQuery(URI address) {
        if (query.isEmpty()) {
            return address;
        }
        String added = query.entrySet().stream()
                .map(entry -> HttpText.urlValue(entry.getKey()) + "=" + HttpText.urlValue(entry.getValue()))
                .collect(Collectors.joining("&"));
        String text = address.toString();
        int fragment = text.indexOf('#');
        String plain = fragment < 0 ? text : text.substring(0, fragment);
        return URI.create(plain + (address.getRawQuery() == null ? "?" : "&") + added);
    }

    /** The text without the credentials, which a server may repeat in its answer. */
    String masked(String text) {
        String masked = text;
        Stream<String> secrets = Stream.concat(
                Stream.of(bearerToken, password), Stream.concat(headers.values().stream(), query.values().stream()));
        for (String secret :
                secrets.filter(one -> one != null && one.length() >= 4).toList()) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }

    // ---- Hosts

    /** The other hosts that a next page may be on. */
    Set<String> hosts() {
        Set<String> all = new HashSet<>(allowHosts);
        all.addAll(credentialHosts);
        return all;
    }

    boolean hasCredentialsFor(URI address) {
        return credentialHosts.contains(host(address));
    }

    /** The host, and the port if it is not the scheme's own. */
    static String host(URI address) {
        return HttpText.origin(address).replaceFirst("^.*://", "");
    }

    private static Set<String> hosts(String option, @Nullable String names) {
        Set<String> hosts = new HashSet<>();
        for (String name : (names == null ? "" : names).split(",", -1)) {
            if (name.isBlank()) {
                continue;
            }
            if (!HOST.matcher(name.strip()).matches()) {
                throw new IllegalArgumentException(option
                        + " has hosts, separated by commas, with a port if it is not the"
                        + " usual one, like cdn.shop.example or files.shop.example:8443, and not " + LogText.of(name));
            }
            hosts.add(name.strip().toLowerCase(Locale.ROOT));
        }
        return hosts;
    }

    // ---- Set up

    /**
     * Refuses options that do not go together.
     *
     * @param hasToken whether an access token is fetched
     * @param auth the platform that signs, or none
     * @throws IllegalArgumentException with what to do
     */
    void check(boolean hasToken, String auth) {
        Map<String, Boolean> ways = new HashMap<>();
        ways.put("bearerToken", bearerToken != null);
        ways.put("username", username != null);
        ways.put("tokenUrl", hasToken);
        ways.put("auth", !auth.equals("none"));
        ways.put("the header Authorization", headers.keySet().stream().anyMatch("Authorization"::equalsIgnoreCase));
        List<String> used = ways.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (used.size() > 1) {
            throw new IllegalArgumentException("a request can authenticate in one way: set only one of " + used);
        }
        if (password != null && username == null) {
            throw new IllegalArgumentException("password needs username: set it");
        }
        if (username != null && username.contains(":")) {
            throw new IllegalArgumentException("username must not contain a colon, which ends it in HTTP Basic");
        }
        if (body != null && !method.equals("POST")) {
            throw new IllegalArgumentException("body needs method=POST: set it");
        }
        if (!auth.equals("none") && !method.equals("GET")) {
            throw new IllegalArgumentException("auth signs requests with method=GET only");
        }
        if (!isForm() && !contentType.toLowerCase(Locale.ROOT).startsWith(JSON)) {
            throw new IllegalArgumentException("contentType must be " + JSON + " or " + FORM
                    + ", since values in body are written as it needs them, not " + LogText.of(contentType));
        }
    }

    /** @param method GET or POST */
    public void setMethod(String method) {
        this.method = method.strip().toUpperCase(Locale.ROOT);
        if (!Arrays.asList("GET", "POST").contains(this.method)) {
            throw new IllegalArgumentException("method must be GET or POST, not " + LogText.of(method));
        }
    }

    /** @param body with placeholders */
    public void setBody(@Nullable String body) {
        this.body = blankToNull(body);
    }

    /** @param contentType of the body */
    public void setContentType(String contentType) {
        this.contentType = contentType.strip();
    }

    /** @param headers NAME=VALUE, separated by commas */
    public void setHeaders(@Nullable String headers) {
        this.headers = HttpHeaderOption.constants(headers);
    }

    /** @param query NAME=VALUE, separated by commas, not encoded */
    public void setQuery(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : (query == null ? "" : query).split(",", -1)) {
            int equals = part.indexOf('=');
            if (!part.isBlank() && equals < 1) {
                throw new IllegalArgumentException("query has parameters as NAME=VALUE, separated by commas");
            }
            if (!part.isBlank()) {
                parameters.put(
                        part.substring(0, equals).strip(),
                        part.substring(equals + 1).strip());
            }
        }
        this.query = parameters;
    }

    /** @param username for HTTP Basic */
    public void setUsername(@Nullable String username) {
        this.username = blankToNull(username);
    }

    /** @param password for HTTP Basic */
    public void setPassword(@Nullable String password) {
        this.password = blankToNull(password);
    }

    /** @param bearerToken sent in the header Authorization */
    public void setBearerToken(@Nullable String bearerToken) {
        this.bearerToken = blankToNull(bearerToken);
    }

    /** @param allowHosts other hosts that a next page may be on, separated by commas */
    public void setAllowHosts(@Nullable String allowHosts) {
        this.allowHosts = hosts("allowHosts", allowHosts);
    }

    /** @param credentialHosts those that get the credentials too */
    public void setCredentialHosts(@Nullable String credentialHosts) {
        this.credentialHosts = hosts("credentialHosts", credentialHosts);
    }

    /** @param timeFormat see {@link PullTime} */
    public void setTimeFormat(@Nullable String timeFormat) {
        this.timeFormat = blankToNull(timeFormat);
    }

    /** @param zone of local times */
    public void setZone(@Nullable String zone) {
        this.zone = blankToNull(zone);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
