package dev.serai.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-31T08:00:00.123Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    private TokenFile file() {
        return TokenFile.in(folder.resolve("data"));
    }

    @Test
    void aTokenIsKnownByItsHashAlone() throws IOException {
        String secret = file().add("grafana", TokenRole.VIEW, CLOCK);

        assertThat(secret).matches("[A-Za-z0-9_-]{43}");
        String text = Files.readString(file().path());
        assertThat(text)
                .matches("grafana view [0-9a-f]{64} 2026-01-31T08:00:00Z\n")
                .doesNotContain(secret);
        assertThat(rights(file().path())).isEqualTo("rw-------");
        NamedTokens tokens = new NamedTokens(file());
        assertThat(tokens.caller(secret)).isEmpty();
        tokens.look();
        assertThat(tokens.caller(secret)).contains(new AdminCaller("grafana", TokenRole.VIEW));
        assertThat(tokens.caller(secret + "x")).isEmpty();
        assertThat(tokens.caller("")).isEmpty();
        assertThat(tokens.caller(file().read().tokens().get(0).hash())).isEmpty();
    }

    @Test
    void aFileThatIsMissingOrEmptyHasNoTokens() throws IOException {
        NamedTokens tokens = new NamedTokens(file());
        assertThat(tokens.look().added()).isEmpty();
        assertThat(file().read().tokens()).isEmpty();

        Files.createDirectories(folder.resolve("data"));
        Files.writeString(file().path(), "\n\n");
        assertThat(tokens.look().added()).isEmpty();
        assertThat(file().read().faults()).isEmpty();
        file().add("a", TokenRole.OPERATE, CLOCK);
        assertThat(tokens.look().added()).extracting(NamedToken::name).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "b view",
                "b owner HASH 2026-01-31T08:00:00Z",
                "b view 12 2026-01-31T08:00:00Z",
                "b view HASH yesterday",
                "b view HASH 2026-01-31T08:00:00Z more",
                "b/c view HASH 2026-01-31T08:00:00Z",
                "admin operate HASH 2026-01-31T08:00:00Z",
                "a operate HASH 2026-01-31T08:00:00Z",
                "\u0000",
            })
    void aBrokenLineIsNotUsedAndTheOthersAre(String line) throws IOException {
        String secret = file().add("a", TokenRole.VIEW, CLOCK);
        Files.writeString(file().path(), Files.readString(file().path()) + line.replace("HASH", "0".repeat(64)) + "\n");

        NamedTokenStore.TokenList list = file().read();
        assertThat(list.tokens()).extracting(NamedToken::name).containsExactly("a");
        assertThat(list.faults()).singleElement().asString().startsWith(file().path() + ":2: ");
        NamedTokens tokens = new NamedTokens(file());
        tokens.look();
        assertThat(tokens.caller(secret)).contains(new AdminCaller("a", TokenRole.VIEW));
        assertThatThrownBy(() -> file().add("z", TokenRole.VIEW, CLOCK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(":2: ")
                .hasMessageContaining("mend or delete the line");
        assertThatThrownBy(() -> file().remove("a")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Files.readString(file().path())).contains("a view");
    }

    @Test
    void aRemovedTokenIsRefusedAtTheNextLookAndNamed() throws IOException {
        String first = file().add("first", TokenRole.VIEW, CLOCK);
        String second = file().add("second", TokenRole.OPERATE, CLOCK);
        NamedTokens tokens = new NamedTokens(file());
        tokens.look();

        assertThat(file().remove("first").name()).isEqualTo("first");

        NamedTokens.TokenChanges changes = tokens.look();
        assertThat(changes.removed()).extracting(NamedToken::name).containsExactly("first");
        assertThat(changes.added()).isEmpty();
        assertThat(tokens.caller(first)).isEmpty();
        assertThat(tokens.caller(second)).isPresent();
        assertThat(tokens.look().removed()).isEmpty();
        assertThatThrownBy(() -> file().remove("first"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("known are second");
    }

    @Test
    void aTokenThatWasReplacedCameAndWent() throws IOException {
        String before = file().add("a", TokenRole.OPERATE, CLOCK);
        NamedTokens tokens = new NamedTokens(file());
        tokens.look();
        file().remove("a");
        String after = file().add("a", TokenRole.VIEW, CLOCK);

        NamedTokens.TokenChanges changes = tokens.look();
        assertThat(changes.removed()).extracting(NamedToken::role).containsExactly(TokenRole.OPERATE);
        assertThat(changes.added()).extracting(NamedToken::role).containsExactly(TokenRole.VIEW);
        assertThat(tokens.caller(before)).isEmpty();
        assertThat(tokens.caller(after)).contains(new AdminCaller("a", TokenRole.VIEW));
    }

    @Test
    void namesAreCheckedAndUnique() throws IOException {
        file().add("a.B-1_", TokenRole.VIEW, CLOCK);
        file().add("x".repeat(64), TokenRole.VIEW, CLOCK);
        for (String name : List.of("a.B-1_", "", "a b", "a\nb", "é", "x".repeat(65), "admin", "node", "local")) {
            assertThatThrownBy(() -> file().add(name, TokenRole.VIEW, CLOCK))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(file().read().tokens()).hasSize(2);
    }

    @Test
    void whileTheFileCannotBeReadNoNamedTokenIsAccepted() throws IOException {
        String secret = file().add("a", TokenRole.VIEW, CLOCK);
        NamedTokens tokens = new NamedTokens(file());
        tokens.look();
        String text = Files.readString(file().path());

        Files.writeString(file().path(), "x".repeat(300_000));
        assertThat(tokens.look().removed()).isEmpty();
        assertThat(tokens.caller(secret)).isEmpty();
        assertThat(tokens.trouble().orElseThrow())
                .contains(file().path().toString(), "no named token is accepted", "larger than", "mend it");
        Files.writeString(file().path(), text);
        assertThat(tokens.look().added()).isEmpty();
        assertThat(tokens.caller(secret)).isPresent();
        assertThat(tokens.trouble()).isEmpty();
    }

    @Test
    void linesThatAreNotUsedAreTroubleUntilTheyAreMended() throws IOException {
        file().add("a", TokenRole.VIEW, CLOCK);
        NamedTokens tokens = new NamedTokens(file());
        tokens.look();
        assertThat(tokens.trouble()).isEmpty();
        String text = Files.readString(file().path());

        Files.writeString(file().path(), text + "b\nc\n");
        tokens.look();
        tokens.look();
        assertThat(tokens.trouble().orElseThrow()).contains(file().path() + ":2: ", "and 1 more");
        Files.writeString(file().path(), text);
        tokens.look();
        assertThat(tokens.trouble()).isEmpty();
    }

    @Test
    void aFileThatOthersMayReadIsTakenFromThem() throws IOException {
        file().add("a", TokenRole.VIEW, CLOCK);
        Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-rw-rw-"));

        new NamedTokens(file()).look();

        assertThat(rights(file().path())).isEqualTo("rw-------");
        assertThat(rights(folder.resolve("data/tokens.lock"))).isEqualTo("rw-------");
        assertThat(Files.list(folder.resolve("data")).map(Path::getFileName).map(Path::toString))
                .containsExactlyInAnyOrder("tokens", "tokens.lock");
    }

    @Test
    void theRightsTellWhoMayDoWhat() {
        assertThat(TokenRole.neededFor("GET")).isEqualTo(TokenRole.VIEW);
        assertThat(TokenRole.neededFor("HEAD")).isEqualTo(TokenRole.VIEW);
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "")) {
            assertThat(TokenRole.neededFor(method)).as(method).isEqualTo(TokenRole.OPERATE);
        }
        assertThat(TokenRole.VIEW.includes(TokenRole.OPERATE)).isFalse();
        assertThat(TokenRole.OPERATE.includes(TokenRole.VIEW)).isTrue();
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
