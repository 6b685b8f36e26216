package dev.serai.http;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's certificate with its key.
 *
 * @param chain the server's own first, then those between it and its authority
 */
record ServerCertificate(X509ExtendedKeyManager keys, List<X509Certificate> chain) {
    private static final Duration WARNED_BEFORE = Duration.ofDays(14);
    /** Of a certificate that is made for a few days, only the last part of them. */
    private static final int LIFE_PARTS = 3;

    /** When the first of the chain expires. */
    Instant expiresAt() {
        Instant first = Instant.MAX;
        for (X509Certificate one : chain) {
            Instant end = one.getNotAfter().toInstant();
            first = end.isBefore(first) ? end : first;
        }
        return first;
    }

    /** What is wrong with its dates, for people; null if nothing is. */
    @Nullable String dateTrouble(Instant now) {
        Instant begin = chain.get(0).getNotBefore().toInstant();
        Instant end = expiresAt();
        if (now.isBefore(begin)) {
            return "is not valid before " + begin + ", which is later than this machine's clock";
        }
        if (!now.isBefore(end)) {
            return "has expired at " + end + ": clients refuse it; replace it";
        }
        Duration life = Duration.between(begin, end).dividedBy(LIFE_PARTS);
        Duration warned = life.compareTo(WARNED_BEFORE) < 0 ? life : WARNED_BEFORE;
        Duration left = Duration.between(now, end);
        return left.compareTo(warned) > 0 ? null : "expires in " + left(left) + ", at " + end + ": replace it";
    }

    private static String left(Duration left) {
        long days = left.toDays();
        return days > 1 ? days + " days" : Math.max(1, left.toHours()) + " h";
    }
}
