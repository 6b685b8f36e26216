package dev.serai.admin.event;

import org.jspecify.annotations.Nullable;

/** Whether a stream may go on. */
@FunctionalInterface
public interface StreamEnd {
    /** Why the stream must end now, for its reader; null while it may go on. */
    @Nullable String reason();
}
