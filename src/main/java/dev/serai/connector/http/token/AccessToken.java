package dev.serai.connector.http.token;

/** An access token. Two are the same only if they come from the same answer. */
public final class AccessToken {
    private final String value;
    private final long usableUntilMillis;

    AccessToken(String value, long usableUntilMillis) {
        this.value = value;
        this.usableUntilMillis = usableUntilMillis;
    }

    public String value() {
        return value;
    }

    /** By the monotonic clock, a little before its end; {@link Long#MAX_VALUE} if that is not known. */
    long usableUntilMillis() {
        return usableUntilMillis;
    }

    /** The text without the token, which a server may repeat in its answer. */
    public String masked(String text) {
        return text.replace(value, "***");
    }

    @Override
    public String toString() {
        return "an access token"; // its value must not get into a log
    }
}
