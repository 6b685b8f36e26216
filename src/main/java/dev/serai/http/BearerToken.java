package dev.serai.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A secret that a client sends as {@code Authorization: Bearer TOKEN}.
 *
 * <p>Threads: safe. See: RFC 6750, section 2.1
 */
public final class BearerToken {
    /** What a client is told that sends a token where logs and histories keep it. */
    public static final String NOT_IN_ADDRESS =
            "a token in the address is not accepted, because logs and histories keep addresses: send it in the header"
                    + " \"Authorization: Bearer …\", and replace the one that was sent";

    private static final String SCHEME = "Bearer ";
    private static final Set<String> IN_QUERY = Set.of("token", "access_token");

    private final byte[] token;

    public BearerToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a request's {@code Authorization} header carries this token, once; takes as long for any wrong one. */
    public boolean allows(List<String> authorization) {
        @Nullable String sent = sent(authorization);
        return sent != null && MessageDigest.isEqual(token, sent.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether an address carries a token as a query parameter, as in RFC 6750, section 2.3. */
    public static boolean isInQuery(String address) {
        try {
            return new QueryStringDecoder(address)
                    .parameters().keySet().stream().anyMatch(name -> IN_QUERY.contains(name.toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) { // a malformed address, which is answered as such
            return false;
        }
    }

    /** The token that a request's {@code Authorization} header carries, once; null if there is none. */
    public static @Nullable String sent(List<String> authorization) {
        if (authorization.size() != 1) {
            return null;
        }
        String value = authorization.get(0);
        return value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? value.substring(SCHEME.length()).strip()
                : null;
    }
}
