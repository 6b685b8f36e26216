package dev.serai.camel.egress;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Keeps connections away from internal addresses, unless the server is written in a route or property, or named in
 * {@code serai.egress.allow}. An address from data (a link in an answer, text of a message) must not decide that this process
 * talks to itself, to its network or to a cloud's metadata.
 *
 * <p>It looks at the addresses that a client then connects to, so a name that leads elsewhere a moment later changes nothing.
 *
 * <p>Threads: safe.
 */
public final class Egress {
    /** The name of the bean. */
    public static final String NAME = "egress";

    private static final Pattern ADDRESS = Pattern.compile(
            "(?i)\\bhttps?:(?://)?(?:[^/?#\\s\"'@<>]*@)?(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(?::([0-9]{1,5}))?"
                    + "(?=[/?#\\s\"'<>|,;)&]|$)");

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final EgressList allowed;
    private final Set<String> written = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Thread loader;

    /**
     * The rule of one node.
     *
     * @param allow the value of {@code serai.egress.allow}
     * @throws IllegalArgumentException if it cannot be read
     */
    public Egress(String allow) {
        this.allowed = new EgressList(allow);
    }

    /** The context's own; one that allows everything where none is set. */
    public static Egress of(CamelContext context) {
        Egress own = context.getRegistry().lookupByNameAndType(NAME, Egress.class);
        return own == null ? new Egress("0.0.0.0/0,::/0") : own;
    }

    // ---- What is written

    /** Says that this thread makes the endpoints of routes as they are written, or no longer does. */
    public void loading(boolean isLoading) {
        loader = isLoading ? Thread.currentThread() : null;
    }

    /** Whether what is made now is written in a route; else a message is on its way, and may have said where to. */
    public boolean isLoading() {
        return loader == Thread.currentThread();
    }

    /** The servers of all HTTP addresses in this text are written. */
    public void written(String text) {
        Matcher address = ADDRESS.matcher(text);
        while (address.find()) {
            boolean isTls = text.regionMatches(true, address.start(), "https", 0, 5);
            String port = address.group(2);
            written(address.group(1), port == null ? (isTls ? HTTPS_PORT : HTTP_PORT) : Integer.parseInt(port));
        }
    }

    /** This server is written. */
    public void written(String host, int port) {
        written.add(EgressList.server(host, port));
    }

    // ---- What may be connected to

    /**
     * Checks what a client is about to connect to.
     *
     * @throws EgressException if one of the addresses is internal, and the server neither written nor named
     */
    public void check(String host, int port, InetAddress... addresses) throws EgressException {
        if (written.contains(EgressList.server(host, port))) {
            return;
        }
        for (InetAddress address : addresses) {
            String kind = InternalAddress.kind(address);
            if (kind != null && !allowed.allows(host, port, address)) {
                String shown = address.getHostAddress();
                throw new EgressException("not connected to " + host + ":" + port + ": "
                        + (shown.equals(host) ? "it is " : "it leads to " + shown + ", ") + kind
                        + ", and comes from data, not from a route; if that is right, name it in serai.egress.allow");
            }
        }
    }

    /**
     * A resolver for a client, which checks what it finds.
     *
     * @param own servers that the client may connect to in any case, as {@code host:port}
     */
    public DnsResolver resolver(Set<String> own) {
        Egress rule = this;
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                InetAddress[] addresses = InetAddress.getAllByName(host);
                rule.check(host, -1, addresses); // the port is not known, so that only an entry without one allows it
                return addresses;
            }

            @Override
            public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
                InetAddress[] addresses = InetAddress.getAllByName(host);
                if (own.stream().noneMatch(EgressList.server(host, port)::equals)) {
                    rule.check(host, port, addresses);
                }
                return Arrays.stream(addresses)
                        .map(address -> new InetSocketAddress(address, port))
                        .toList();
            }

            @Override
            public String resolveCanonicalHostname(String host) throws UnknownHostException {
                return InetAddress.getByName(host).getCanonicalHostName();
            }
        };
    }

    /**
     * Those of these servers that are written as an address or as localhost, so that it is known where they lead.
     *
     * @param servers as {@code host} or {@code host:port}
     */
    public static Set<String> addressed(Set<String> servers) {
        Set<String> found = new HashSet<>();
        for (String server : servers) {
            Matcher parts = ADDRESS.matcher("http://" + server);
            if (!parts.matches() || !EgressList.isAddress(parts.group(1))) {
                continue;
            }
            String port = parts.group(2);
            for (int each : port == null ? new int[] {HTTP_PORT, HTTPS_PORT} : new int[] {Integer.parseInt(port)}) {
                found.add(server(parts.group(1), each));
            }
        }
        return found;
    }

    /** As servers are compared in {@link #resolver}. */
    public static String server(String host, int port) {
        return EgressList.server(host, port);
    }
}
