package dev.serai.connector.http;

import io.vertx.core.net.ProxyOptions;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.http.HttpComponent;
import org.jspecify.annotations.Nullable;

/** Reads the proxy of {@code http-sink} from the options of Camel's component {@code http}, or {@code https} for such a target. */
final class HttpSinkProxy {
    private HttpSinkProxy() {}

    /**
     * Null if the target is reached without one.
     *
     * @throws IllegalArgumentException if the options ask for what http-sink cannot do
     */
    static @Nullable ProxyOptions of(CamelContext context, HttpSinkAddress target) {
        String name = target.isTls() ? "https" : "http";
        if (!(context.hasComponent(name) instanceof HttpComponent http)) {
            return null;
        }
        String host = http.getProxyAuthHost() != null ? http.getProxyAuthHost() : http.getProxyHost();
        Integer port = http.getProxyAuthPort() != null ? http.getProxyAuthPort() : http.getProxyPort();
        if (host == null || port == null || isExcluded(http.getNonProxyHosts(), target.host())) {
            return null;
        }
        String method = http.getProxyAuthMethod();
        if ("https".equalsIgnoreCase(http.getProxyAuthScheme())
                || http.getProxyAuthDomain() != null
                || (method != null && !method.equalsIgnoreCase("Basic"))) {
            throw new IllegalArgumentException(
                    "http-sink reaches a proxy by plain HTTP and with Basic authentication only: change the options proxyAuth…"
                            + " of camel.component." + name);
        }
        return new ProxyOptions()
                .setHost(host)
                .setPort(port)
                .setUsername(http.getProxyAuthUsername())
                .setPassword(http.getProxyAuthPassword());
    }

    /** @param names separated by commas; {@code *} stands for any characters */
    private static boolean isExcluded(@Nullable String names, String host) {
        return names != null
                && Arrays.stream(names.split(","))
                        .map(name -> Arrays.stream(name.strip().split("\\*", -1))
                                .map(Pattern::quote)
                                .collect(Collectors.joining(".*")))
                        .anyMatch(pattern -> Pattern.compile(pattern, Pattern.CASE_INSENSITIVE)
                                .matcher(host)
                                .matches());
    }
}
