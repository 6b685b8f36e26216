package dev.serai.camel.egress;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The internal servers that addresses from data may lead to: {@code serai.egress.allow}.
 *
 * <p>Threads: safe.
 */
final class EgressList {
    private static final Pattern SERVER = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    private final List<AddressRange> ranges = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> servers = new HashSet<>();

    /**
     * Reads the property.
     *
     * @param text names, addresses, ranges of addresses, or one of the former two with a port; separated by commas. Or none
     * @throws IllegalArgumentException if an entry is none of these
     */
    EgressList(String text) {
        for (String part : text.split("[,\\s]+", -1)) {
            if (!part.isEmpty() && !part.equals("none")) {
                add(part);
            }
        }
    }

    private void add(String entry) {
        Matcher server = SERVER.matcher(entry);
        if (AddressRange.address(entry) != null || entry.contains("/")) {
            try {
                ranges.add(AddressRange.of(entry));
            } catch (IllegalArgumentException e) {
                throw invalid(entry);
            }
        } else if (server.matches()) {
            servers.add(server(server.group(1), Integer.parseInt(server.group(2))));
        } else if (NAME.matcher(entry).matches()) {
            names.add(entry.toLowerCase(Locale.ROOT));
        } else {
            throw invalid(entry);
        }
    }

    private static IllegalArgumentException invalid(String entry) {
        return new IllegalArgumentException(
                "serai.egress.allow has names, addresses and ranges, separated by commas, like"
                        + " files.shop.example, 10.1.2.3:8080 or 10.0.0.0/8, and not " + entry);
    }

    /** Whether a host is written so that it is known where it leads. */
    static boolean isAddress(String host) {
        return host.equalsIgnoreCase("localhost") || AddressRange.address(host.replaceAll("[\\[\\]]", "")) != null;
    }

    /** Host and port as they are compared: lower case, an address in its usual form. */
    static String server(String host, int port) {
        return host(host) + ":" + port;
    }

    private static String host(String host) {
        String bare = host.replaceAll("[\\[\\]]", "").toLowerCase(Locale.ROOT);
        InetAddress address = AddressRange.address(bare);
        return address == null ? bare.replaceFirst("\\.$", "") : address.getHostAddress();
    }

    /** Whether an entry names this server, by its name or by the address that its name leads to. */
    boolean allows(String host, int port, InetAddress address) {
        InetAddress inner = InternalAddress.inner(address);
        return names.contains(host(host))
                || servers.contains(server(host, port))
                || servers.contains(server(address.getHostAddress(), port))
                || ranges.stream().anyMatch(range -> range.holds(address) || (inner != null && range.holds(inner)));
    }
}
