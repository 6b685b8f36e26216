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
    private volatile @Nullable Found found;

    private record Found(List<String> addresses, long untilNanos) {}

    /** @param hasProxy a proxy looks the name up itself */
    HostLookup(String host, boolean hasProxy) {
        this.host = host;
        this.isConstant = hasProxy || host.contains(":") || host.matches("[0-9]+(\\.[0-9]+){3}");
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
        List<String> addresses = Arrays.stream(InetAddress.getAllByName(host))
                .map(InetAddress::getHostAddress)
                .toList();
        found = new Found(addresses, System.nanoTime() + KNOWN_NANOS);
        return addresses;
    }
}
