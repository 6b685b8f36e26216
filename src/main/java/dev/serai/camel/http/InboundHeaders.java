package dev.serai.camel.http;

import dev.serai.camel.ledger.SteeringHeaders;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which request headers reach a route: an allow-list, since a header that Camel or a client library gives a meaning to
 * would let a stranger steer the route (CVE-2026-49098 is one).
 *
 * <p>Always allowed: {@code Content-Type}, {@code webhook-*}, and {@code X-*} except {@code X-Forwarded-*}. An endpoint may add names and
 * {@code prefix*}; {@code User-Agent} for instance is only there when asked for. Never allowed, in any case: {@code Camel*},
 * {@code kafka.*}, {@code Long-Running-Action}, credentials, {@code Host} and what belongs to the connection.
 *
 * <p>Threads: safe.
 */
public final class InboundHeaders {

    private static final List<String> ALWAYS = List.of("content-type", "webhook-*", "x-*");
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
     * @throws IllegalArgumentException if one of them is never allowed
     */
    public InboundHeaders(Set<String> added) {
        ALWAYS.forEach(this::allow);
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
                    "headers: " + pattern + " is never handed to a route, take it out of the option");
        }
        (prefix ? prefixes : names).add(name);
    }

    /** Puts the allowed ones into a message's headers, several of one name joined by a comma. */
    public void copy(MultiMap from, Map<String, Object> to) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (allowed(name)) {
                Object before = to.put(name, header.getValue());
                if (before != null) {
                    to.put(name, before + ", " + header.getValue());
                }
            }
        }
    }

    private boolean allowed(String name) {
        for (String allowed : names) {
            if (allowed.equalsIgnoreCase(name)) {
                return true;
            }
        }
        for (String prefix : prefixes) {
            if (startsWith(name, prefix)) {
                return (forwarded || !startsWith(name, FORWARDED)) && !never(name);
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
