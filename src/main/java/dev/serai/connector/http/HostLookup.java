package dev.serai.connector.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a host, by Java's own resolver, which blocks.
 *
 * <p>Threads: safe.
 */
final class HostLookup {
    /** Java's resolver keeps what it found for longer. */
    private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String host;
    private final boolean isConstant;
    private final @Nullable AddressCheck check;
    private volatile @Nullable Found found;

    /** Refuses addresses before they are used. */
    interface AddressCheck {
        void check(InetAddress... addresses) throws UnknownHostException;
    }

    private record Found(List<String> addresses, long untilNanos) {}

    /**
     * A lookup of one host.
     *
     * @param hasProxy a proxy looks the name up itself
     * @param check null if the host may lead anywhere
     */
    HostLookup(String host, boolean hasProxy, @Nullable AddressCheck check) {
        this.host = host;
        this.check = check;
        boolean isAddress = host.contains(":") || host.matches("[0-9]+(\\.[0-9]+){3}");
        this.isConstant = isAddress ? check == null : hasProxy;
        if (isConstant) {
            found = new Found(List.of(host), 0);
        }
    }

    /** The addresses in the order in which they are tried; null if they have to be {@link #ask asked} for. */
    @Nullable List<String> known() {
        Found last = found;
        if (last == null || (!isConstant && last.untilNanos() - System.nanoTime() <= 0)) {
            return null;
        }
        return last.addresses();
    }

    List<String> ask() throws UnknownHostException {
        InetAddress[] all = InetAddress.getAllByName(host);
        if (check != null) {
            check.check(all);
        }
        List<String> addresses =
                Arrays.stream(all).map(InetAddress::getHostAddress).toList();
        found = new Found(addresses, System.nanoTime() + KNOWN_NANOS);
        return addresses;
    }
}
