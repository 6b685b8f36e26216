package dev.serai.http;

import dev.serai.text.LogPace;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies that are believed about whose request they pass on, in {@code X-Forwarded-For} or {@code Forwarded} (RFC 7239).
 * Each proxy adds the address that it was called from at the right, so the client is the right-most that is no trusted proxy:
 * what is left of it anybody can have written.
 *
 * <p>Threads: safe.
 */
public final class TrustedProxies {
    /** Nobody is believed: the client is who connects. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final Logger LOG = LoggerFactory.getLogger(TrustedProxies.class);
    /** One {@code for} of the header: a token or a quoted string. */
    private static final Pattern FOR = Pattern.compile("(?i)(?:^|[;\\s])for\\s*=\\s*(?:\"([^\"]*)\"|([^;\\s]+))");

    private final List<IpSubnetFilterRule> networks;
    private final LogPace pace = new LogPace();

    private TrustedProxies(List<IpSubnetFilterRule> networks) {
        this.networks = networks;
    }

    /**
     * The proxies of a property.
     *
     * @param text addresses and networks, as {@code 10.0.0.0/8,fd00::/8,192.0.2.7}; may be empty
     * @throws IllegalArgumentException if one cannot be read
     */
    public static TrustedProxies of(String text) {
        List<IpSubnetFilterRule> networks = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                networks.add(network(part.strip()));
            }
        }
        return networks.isEmpty() ? NONE : new TrustedProxies(networks);
    }

    private static IpSubnetFilterRule network(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        try {
            if (address != null) {
                int bitsMax = 8 * address.getAddress().length;
                int bits = slash < 0 ? bitsMax : Integer.parseInt(text.substring(slash + 1));
                if (bits >= 0 && bits <= bitsMax) {
                    return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
                }
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("\"" + text
                + "\" is not an address or a network: write 192.0.2.7 or 10.0.0.0/8, several separated by commas");
    }

    /** The address of whose request it is, without a port. */
    public String client(HttpServerRequest request) {
        String peer = request.remoteAddress().hostAddress();
        if (networks.isEmpty() || !isTrusted(peer)) {
            return peer;
        }
        String named = last(peer, xForwardedFor(request.headers().getAll("X-Forwarded-For")));
        String standard = last(peer, forwarded(request.headers().getAll("Forwarded")));
        if (named == null || standard == null || named.equals(standard)) {
            return named != null ? named : standard != null ? standard : peer;
        }
        // A proxy adds to one of them and passes the other on, which anybody can have written.
        long untold = pace.untold(peer);
        if (untold >= 0) {
            LOG.warn(
                    "The proxy {} passes on X-Forwarded-For and Forwarded with different clients, so its own address counts:"
                            + " let it remove the one that it does not set{}",
                    peer,
                    LogPace.more(untold));
        }
        return peer;
    }

    /**
     * The client among what a header names, from the right; null if it names nobody.
     *
     * @param peer who connects, a trusted proxy
     */
    private @Nullable String last(String peer, List<String> named) {
        String last = peer;
        for (int i = named.size() - 1; i >= 0; i--) {
            InetAddress address = address(host(named.get(i)));
            if (address == null) {
                return last; // hidden or unreadable: the proxy before is the last that is known
            }
            last = address.getHostAddress();
            if (!isTrusted(last)) {
                return last;
            }
        }
        return named.isEmpty() ? null : last;
    }

    private static List<String> xForwardedFor(List<String> values) {
        return values.isEmpty() ? List.of() : List.of(String.join(",", values).split(",", -1));
    }

    private static List<String> forwarded(List<String> values) {
        List<String> named = new ArrayList<>();
        for (String element :
                values.isEmpty() ? new String[0] : String.join(",", values).split(",", -1)) {
            Matcher found = FOR.matcher(element);
            named.add(!found.find() ? "" : found.group(1) != null ? found.group(1) : found.group(2));
        }
        return named;
    }

    /** Without its port, and without the brackets of an IPv6 address. */
    private static String host(String node) {
        String text = node.strip();
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            return end < 0 ? text : text.substring(1, end);
        }
        int colon = text.indexOf(':');
        return colon >= 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text;
    }

    private boolean isTrusted(String host) {
        InetAddress address = address(host);
        if (address == null) {
            return false;
        }
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        for (IpSubnetFilterRule network : networks) {
            if (network.matches(socket)) {
                return true;
            }
        }
        return false;
    }

    /** Never asks a name server. */
    private static @Nullable InetAddress address(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
