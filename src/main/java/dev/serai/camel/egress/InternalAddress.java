package dev.serai.camel.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that are no public servers: those of this machine, of its networks, of a cloud's metadata, and reserved ones
 * (IANA's registries of special-purpose addresses).
 */
final class InternalAddress {
    /** The first that holds an address names it, so the narrow ones come first. */
    private static final List<Kind> KINDS = List.of(
            new Kind("169.254.169.254/32", "the address of cloud metadata"),
            new Kind("100.100.100.200/32", "the address of cloud metadata"),
            new Kind("192.0.0.192/32", "the address of cloud metadata"),
            new Kind("fd00:ec2::254/128", "the address of cloud metadata"),
            new Kind("0.0.0.0/8", "an address of this machine"),
            new Kind("127.0.0.0/8", "a loopback address"),
            new Kind("169.254.0.0/16", "a link-local address"),
            new Kind("10.0.0.0/8", "a private address"),
            new Kind("172.16.0.0/12", "a private address"),
            new Kind("192.168.0.0/16", "a private address"),
            new Kind("100.64.0.0/10", "a private address"),
            new Kind("192.0.0.0/24", "a reserved address"),
            new Kind("198.18.0.0/15", "a reserved address"),
            new Kind("224.0.0.0/4", "a multicast address"),
            new Kind("240.0.0.0/4", "a reserved address"),
            new Kind("::/128", "an address of this machine"),
            new Kind("::1/128", "a loopback address"),
            new Kind("fe80::/10", "a link-local address"),
            new Kind("fec0::/10", "a private address"),
            new Kind("fc00::/7", "a unique-local address"),
            new Kind("ff00::/8", "a multicast address"));

    private static final AddressRange COMPATIBLE = AddressRange.of("::/96");
    private static final AddressRange NAT64 = AddressRange.of("64:ff9b::/96");
    private static final AddressRange LOCAL_NAT64 = AddressRange.of("64:ff9b:1::/48");
    private static final AddressRange SIX_TO_FOUR = AddressRange.of("2002::/16");

    private record Kind(AddressRange range, String name) {
        Kind(String range, String name) {
            this(AddressRange.of(range), name);
        }
    }

    private InternalAddress() {}

    /** What kind of internal address it is, for people; null for a public one. */
    static @Nullable String kind(InetAddress address) {
        for (Kind kind : KINDS) {
            if (kind.range().holds(address)) {
                return kind.name();
            }
        }
        if (LOCAL_NAT64.holds(address)) {
            return "a private address";
        }
        InetAddress inner = inner(address);
        return inner == null ? null : kind(inner);
    }

    /** The IPv4 address in an IPv6 one, which a translator or a tunnel connects to; Java itself unwraps ::ffff:0:0/96. */
    static @Nullable InetAddress inner(InetAddress address) {
        if (address instanceof Inet4Address) {
            return null;
        }
        byte[] bytes = address.getAddress();
        int at = COMPATIBLE.holds(address) || NAT64.holds(address) ? 12 : SIX_TO_FOUR.holds(address) ? 2 : -1;
        if (at < 0) {
            return null;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for another length
        }
    }
}
