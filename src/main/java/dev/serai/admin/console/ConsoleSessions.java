package dev.serai.admin.console;

import dev.serai.access.AdminCaller;
import dev.serai.access.NamedToken;
import dev.serai.access.NamedTokens;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of those who logged in to the console, in memory alone. A session ends after {@link #WHOLE_MAX}, after
 * {@link #UNUSED_MAX} without a request, at logout, and once its token is removed or has another role. Of too many the oldest end.
 *
 * <p>What a browser sends as its session's id is not kept, only its SHA-256: that is enough, because the id has 256 random bits.
 *
 * <p>Threads: safe.
 */
public final class ConsoleSessions {
    static final Duration WHOLE_MAX = Duration.ofHours(12);
    static final Duration UNUSED_MAX = Duration.ofHours(2);
    static final int SESSIONS_MAX = 1_000;

    private static final int ID_BYTES = 32;

    private final NamedTokens tokens;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    /** By the hash of the id, the oldest first. */
    private final Map<String, ConsoleSession> sessions = new LinkedHashMap<>();

    public ConsoleSessions(NamedTokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    /** A session and the id that only its browser knows. */
    record OpenedSession(String id, ConsoleSession session) {}

    /** Begins a session of whom the secret belongs to. */
    synchronized OpenedSession open(AdminCaller caller, String secret) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        ConsoleSession session = new ConsoleSession(caller, NamedToken.hashOf(secret), clock.instant());
        sessions.values().removeIf(other -> !isOpen(other));
        if (sessions.size() >= SESSIONS_MAX) {
            Iterator<ConsoleSession> oldest = sessions.values().iterator();
            oldest.next();
            oldest.remove();
        }
        sessions.put(NamedToken.hashOf(id), session);
        return new OpenedSession(id, session);
    }

    /** The session with this id, which is thereby used; null if there is none, or none any more. */
    synchronized @Nullable ConsoleSession use(String id) {
        ConsoleSession session = sessions.get(NamedToken.hashOf(id));
        if (session == null) {
            return null;
        }
        if (!isOpen(session)) {
            end(id);
            return null;
        }
        session.used(clock.instant());
        return session;
    }

    synchronized void end(String id) {
        sessions.remove(NamedToken.hashOf(id));
    }

    /** Whether a session goes on; asking does not use it. */
    synchronized boolean goesOn(ConsoleSession session) {
        return isOpen(session) && sessions.containsValue(session);
    }

    private boolean isOpen(ConsoleSession session) {
        return !session.isOver(clock.instant()) && tokens.has(session.caller(), session.tokenHash());
    }
}
