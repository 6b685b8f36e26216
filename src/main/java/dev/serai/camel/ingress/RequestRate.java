package dev.serai.camel.ingress;

import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many requests a second a path takes, in all and from each sender. Those of one second may come at once.
 *
 * <p>A sender is an IPv4 address or an IPv6 network of 64 bits, whose addresses belong to one machine. The senders that were
 * seen last are remembered; one that was forgotten begins anew.
 *
 * <p>Threads: safe.
 */
final class RequestRate {
    static final int SENDERS_MAX = 10_000;
    private static final int IPV6_BYTES = 16;
    private static final int NETWORK_BYTES = 8;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double WAIT_SECONDS_MAX = 3_600;

    private final double ratePerSender;
    private final LongSupplier nanos;
    private final @Nullable Tokens path;
    private final Map<String, Tokens> senders = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tokens> eldest) {
            return size() > SENDERS_MAX;
        }
    };

    /** Why a request is too much. */
    record Excess(boolean isOfSender, Duration retryAfter) {}

    /** Filled up at the rate, one is taken for each request. */
    private static final class Tokens {
        private final double rate;
        private double left;
        private long atNanos;

        private Tokens(double rate, long now) {
            this.rate = rate;
            this.left = Math.max(1, rate);
            this.atNanos = now;
        }

        private @Nullable Duration take(long now) {
            left = Math.min(Math.max(1, rate), left + (now - atNanos) / NANOS_PER_SECOND * rate);
            atNanos = now;
            if (left >= 1) {
                left--;
                return null;
            }
            return Duration.ofMillis((long) (1_000 * Math.min(WAIT_SECONDS_MAX, (1 - left) / rate)));
        }
    }

    /**
     * The rate of one path.
     *
     * @param rate in all; 0 for any
     * @param ratePerSender from each sender; 0 for any
     * @param nanos a monotonic clock
     */
    RequestRate(double rate, double ratePerSender, LongSupplier nanos) {
        this.ratePerSender = ratePerSender;
        this.nanos = nanos;
        this.path = rate > 0 ? new Tokens(rate, nanos.getAsLong()) : null;
    }

    /** Counts a request; returns why it is too much, or null. A sender that is refused uses up nothing of the path. */
    synchronized @Nullable Excess excess(String client) {
        long now = nanos.getAsLong();
        Tokens sender = ratePerSender > 0
                ? senders.computeIfAbsent(sender(client), first -> new Tokens(ratePerSender, now))
                : null;
        Duration wait = sender == null ? null : sender.take(now);
        if (wait != null) {
            return new Excess(true, wait);
        }
        wait = path == null ? null : path.take(now);
        if (wait == null) {
            return null;
        }
        if (sender != null) {
            sender.left++;
        }
        return new Excess(false, wait);
    }

    private static String sender(String client) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(client);
        return address == null || address.length != IPV6_BYTES
                ? client
                : HexFormat.of().formatHex(Arrays.copyOf(address, NETWORK_BYTES));
    }
}
