package dev.serai.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A secret that a client sends as {@code Authorization: Bearer TOKEN}.
 *
 * <p>Threads: safe. See: RFC 6750, section 2.1
 */
public final class BearerToken {
    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    public BearerToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a request's {@code Authorization} header carries this token, once; takes as long for any wrong one. */
    public boolean allows(List<String> authorization) {
        @Nullable String sent = sent(authorization);
        return sent != null && MessageDigest.isEqual(token, sent.getBytes(StandardCharsets.UTF_8));
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
