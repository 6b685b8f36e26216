package dev.serai.admin;

import org.jspecify.annotations.Nullable;

/**
 * The answer to an admin request.
 *
 * @param next where the list continues, or null
 * @param shape one of the records of {@link ApiJson}, or a list of them
 */
record AdminAnswer(int status, Object shape, @Nullable String next) {
    AdminAnswer(int status, Object shape) {
        this(status, shape, null);
    }

    static AdminAnswer ok(Object shape) {
        return new AdminAnswer(200, shape);
    }
}
