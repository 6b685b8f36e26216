package dev.serai.admin.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.access.AdminCaller;
import dev.serai.access.NamedTokens;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ConsoleSessionsTest {
    private final ConsoleSessions sessions =
            new ConsoleSessions(new NamedTokens(null), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    @Test
    void ofTooManySessionsTheOldestEnds() {
        ConsoleSessions.OpenedSession first = sessions.open(AdminCaller.ADMIN, "secret");
        ConsoleSessions.OpenedSession second = sessions.open(AdminCaller.ADMIN, "secret");
        for (int i = 2; i <= ConsoleSessions.SESSIONS_MAX; i++) {
            sessions.open(AdminCaller.ADMIN, "secret");
        }

        assertThat(sessions.use(first.id())).isNull();
        assertThat(sessions.goesOn(first.session())).isFalse();
        assertThat(sessions.use(second.id())).isSameAs(second.session());
    }
}
