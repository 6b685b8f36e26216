package dev.serai.admin.console;

import dev.serai.http.Problem;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names by which a browser may call the admin port: addresses, {@code localhost}, {@code serai.admin.host} and those in
 * {@code serai.admin.names}. A foreign page whose own name was made to lead here (DNS rebinding) sends that name as Host.
 *
 * <p>Threads: safe.
 */
public final class AllowedHosts {
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");
    private static final Set<String> LOOPBACK = Set.of("localhost", "ip6-localhost");

    private final String own;
    private final Set<String> names;

    private AllowedHosts(String own, Set<String> names) {
        this.own = own.toLowerCase(Locale.ROOT);
        this.names = names;
    }

    /**
     * Reads the two settings.
     *
     * @param own {@code serai.admin.host}
     * @param names {@code serai.admin.names}, separated by commas
     * @throws IllegalArgumentException that says what is wrong with the names
     */
    public static AllowedHosts of(String own, @Nullable String names) {
        Set<String> known = new TreeSet<>();
        for (String name : names == null ? List.<String>of() : Arrays.asList(names.split(",", -1))) {
            String plain = name.strip().toLowerCase(Locale.ROOT);
            if (!NAME.matcher(plain).matches()) {
                throw new IllegalArgumentException("\"" + name.strip()
                        + "\" is not the name of a host: write names as in the browser's address, without scheme, port and"
                        + " path, such as serai.example.com");
            }
            known.add(plain);
        }
        return new AllowedHosts(own, known);
    }

    /** What is wrong with the Host of a browser's request; null if nothing is. */
    @Nullable Problem fault(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        String host = authority == null ? "" : authority.host().toLowerCase(Locale.ROOT);
        if (isAddress(host) || LOOPBACK.contains(host) || host.equals(own) || names.contains(host)) {
            return null;
        }
        return Problem.of(
                421,
                "this node does not know the host name " + host + ": use its address, or add the name to"
                        + " serai.admin.names and start the node again");
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1))
                : NetUtil.isValidIpV4Address(host);
    }

    /** Whether a proxy may stand in front, with TLS of its own. */
    boolean isListed(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return authority != null && names.contains(authority.host().toLowerCase(Locale.ROOT));
    }
}
