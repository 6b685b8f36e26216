package dev.serai.connector.tcp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A TCP target answered a change with an error. */
public final class TcpSinkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean permanent;
    private final transient @Nullable Duration retryAfter;

    /**
     * What the target said.
     *
     * @param permanent whether sending the change again cannot help
     * @param retryAfter how long the target asks to be left alone
     */
    TcpSinkException(String message, boolean permanent, @Nullable Duration retryAfter) {
        super(message);
        this.permanent = permanent;
        this.retryAfter = retryAfter;
    }

    public boolean isPermanent() {
        return permanent;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
