package dev.serai.node.reload;

import org.jspecify.annotations.Nullable;

/** A file's new routes could not take the place of the old ones; the message says why. */
final class ReloadException extends Exception {
    private static final long serialVersionUID = 1L;

    ReloadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
