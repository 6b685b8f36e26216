package dev.serai.connector.http.token;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** No access token could be had, so nothing was sent. The message holds no secret. */
public final class AccessTokenException extends IOException {
    private static final long serialVersionUID = 1L;

    public AccessTokenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
