package dev.serai.camel.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses with a common beginning, as in {@code 10.0.0.0/8} or {@code fd00::/8}. */
record AddressRange(InetAddress start, int bits) {
    /** What Java reads as an address without asking a name server. */
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    /**
     * The range that is written.
     *
     * @throws IllegalArgumentException if it is not one
     */
    static AddressRange of(String text) {
        int slash = text.indexOf('/');
        InetAddress start = address(slash < 0 ? text : text.substring(0, slash));
        String length = slash < 0 ? "" : text.substring(slash + 1);
        if (start == null || (slash >= 0 && !length.matches("[0-9]{1,3}"))) {
            throw new IllegalArgumentException(text + " is not a range of addresses like 10.0.0.0/8");
        }
        int max = start.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? max : Integer.parseInt(length);
        if (bits > max) {
            throw new IllegalArgumentException(text + " has more than " + max + " bits");
        }
        return new AddressRange(start, bits);
    }

    /** The address that is written in numbers; null for a name. */
    static @Nullable InetAddress address(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    boolean holds(InetAddress address) {
        byte[] one = start.getAddress();
        byte[] other = address.getAddress();
        if (one.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if (((one[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
