package dev.serai.connector.http.answer;

import org.jspecify.annotations.Nullable;

/**
 * Recognises answers that say that the access token of the request is over: 401, the codes of the platforms we know, and what
 * {@code tokenExpiredWhen} says.
 *
 * <p>Threads: safe.
 */
public final class TokenExpiry {
    private static final int UNAUTHORIZED = 401;
    /** Such an answer is short. */
    private static final int BODY_BYTES_MAX = 65_536;

    private final @Nullable HttpSinkCondition condition;

    /** @param tokenExpiredWhen in the form of deliveredWhen; without statuses it looks at all answers */
    public TokenExpiry(@Nullable String tokenExpiredWhen) {
        condition = tokenExpiredWhen == null || tokenExpiredWhen.isBlank()
                ? null
                : new HttpSinkCondition("tokenExpiredWhen", tokenExpiredWhen.strip());
    }

    /** How long the body of an answer may be that is looked at. */
    public static int bodyBytesMax() {
        return BODY_BYTES_MAX;
    }

    /** @param body null if there is no whole one */
    public boolean isSaidBy(int status, byte @Nullable [] body) {
        byte[] text = body != null && body.length <= BODY_BYTES_MAX ? body : null;
        return status == UNAUTHORIZED
                || (condition != null && condition.coversAny(status) && condition.holds(text))
                || (text != null && PlatformAnswer.saysExpired(text));
    }
}
