package dev.serai.admin.console;

import dev.serai.access.AdminCaller;
import java.time.Instant;

/**
 * Somebody who logged in.
 *
 * <p>Threads: guarded by {@link ConsoleSessions}, but for what never changes.
 */
public final class ConsoleSession {
    private final AdminCaller caller;
    private final String tokenHash;
    private final Instant endsAt;
    private Instant usedAt;

    ConsoleSession(AdminCaller caller, String tokenHash, Instant now) {
        this.caller = caller;
        this.tokenHash = tokenHash;
        this.endsAt = now.plus(ConsoleSessions.WHOLE_MAX);
        this.usedAt = now;
    }

    public AdminCaller caller() {
        return caller;
    }

    String tokenHash() {
        return tokenHash;
    }

    /** At the latest; sooner if it is not used. */
    Instant endsAt() {
        return endsAt;
    }

    void used(Instant now) {
        usedAt = now;
    }

    boolean isOver(Instant now) {
        return !now.isBefore(endsAt) || !now.isBefore(usedAt.plus(ConsoleSessions.UNUSED_MAX));
    }
}
