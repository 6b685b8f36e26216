package dev.serai.camel.http;

import dev.serai.camel.ledger.SteeringHeaders;
import dev.serai.text.SecretNames;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which request headers reach a route: an allow-list, since some headers steer Camel or a client library, and strangers
 * must not steer routes (for example CVE-2026-49098).
 *
 * <p>Always allowed: {@code Content-Type}, {@code traceparent} and {@code tracestate}, {@code webhook-*}, and {@code X-*} except {@code X-Forwarded-*}. An endpoint
 * may add names and {@code prefix*}; {@code User-Agent}, for example, must be named, and so must what carries a secret by its
 * name ({@link SecretNames}), since all that reaches the ledger is kept and shown. Never allowed: {@code Camel*},
 * {@code kafka.*}, {@code Long-Running-Action}, credentials, {@code Host} and what belongs to the connection.
 *
 * <p>Threads: safe.
 */
public final class InboundHeaders {

    private static final List<String> ALWAYS = List.of("content-type", "traceparent", "tracestate", "webhook-*", "x-*");
    private static final String FORWARDED = "x-forwarded-";
    private static final Set<String> NEVER = Set.of(
            "authorization",
            "connection",
            "content-length",
            "cookie",
            "host",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final List<String> names = new ArrayList<>();
    private final List<String> prefixes = new ArrayList<>();
    private final boolean forwarded;

    /**
     * @param added names and {@code prefix*}
     * @param proofs those that a signature scheme reads, which may be credentials
     * @throws IllegalArgumentException if one that is added is never allowed
     */
    public InboundHeaders(Set<String> added, Set<String> proofs) {
        ALWAYS.forEach(this::allow);
        for (String pattern : proofs) {
            String name = pattern.toLowerCase(Locale.ROOT);
            if (name.endsWith("*")) {
                allow(name);
            } else {
                names.add(name);
            }
        }
        boolean namesForwarded = false;
        for (String pattern : added) {
            String name = pattern.strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty()) {
                allow(name);
                namesForwarded |= name.startsWith(FORWARDED);
            }
        }
        forwarded = namesForwarded;
    }

    private void allow(String pattern) {
        boolean prefix = pattern.endsWith("*");
        String name = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
        if (name.indexOf('*') >= 0) {
            throw new IllegalArgumentException("headers: only the end of a name can be *, as in X-Shop-*: " + pattern);
        }
        if (!prefix && never(name)) {
            throw new IllegalArgumentException(
                    "headers: " + pattern + " is never passed to a route: remove it from the option");
        }
        (prefix ? prefixes : names).add(name);
    }

    /**
     * Copies the allowed ones into a message's headers; several of one name are joined by a comma. Returns the names, in small
     * letters, of those.
     */
    public Set<String> copy(MultiMap from, Map<String, Object> to) {
        Set<String> repeated = Set.of();
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (allowed(name)) {
                Object before = to.put(name, header.getValue());
                if (before != null) {
                    to.put(name, before + ", " + header.getValue());
                    repeated = repeated.isEmpty() ? new HashSet<>() : repeated;
                    repeated.add(name.toLowerCase(Locale.ROOT));
                }
            }
        }
        return repeated;
    }

    private boolean allowed(String name) {
        for (String allowed : names) {
            if (allowed.equalsIgnoreCase(name)) {
                return true;
            }
        }
        for (String prefix : prefixes) {
            if (startsWith(name, prefix)) {
                return (forwarded || !startsWith(name, FORWARDED)) && !never(name) && !SecretNames.isHeader(name);
            }
        }
        return false;
    }

    private static boolean never(String name) {
        return SteeringHeaders.includes(name) || NEVER.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
