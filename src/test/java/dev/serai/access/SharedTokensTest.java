package dev.serai.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.cluster.SideTables;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.postgres.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that share a ledger have one list of named tokens. */
class SharedTokensTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();

    @BeforeEach
    void makeLedger() {
        LedgerStores.open(address(), BodyCipher.NONE).forEach(store -> store.close());
    }

    private LedgerAddress address() {
        return new LedgerAddress(TestServer.url(), null, null, schema, 1, "test", folder);
    }

    private TokenFile file(String node) {
        return TokenFile.in(folder.resolve(node));
    }

    /** As each node has it, and each command. */
    private SharedTokens at(String node) {
        SideTables tables = LedgerStores.sideTables(address());
        return new SharedTokens(tables, file(node));
    }

    @Test
    void aTokenMadeAtOneNodeHoldsAtAllAndARemovedOneAtNone() throws IOException {
        NamedTokens a = new NamedTokens(at("a"));
        NamedTokens b = new NamedTokens(at("b"));
        assertThat(a.look().added()).isEmpty();
        String secret = at("a").add("grafana", TokenRole.VIEW, CLOCK);
        assertThat(b.look().added()).extracting(NamedToken::name).containsExactly("grafana");
        a.look();
        assertThat(a.caller(secret)).isEqualTo(b.caller(secret)).contains(new AdminCaller("grafana", TokenRole.VIEW));
        assertThat(file("a").read().tokens()).isEmpty();
        assertThat(at("b").read().tokens().get(0).hash()).isEqualTo(NamedToken.hashOf(secret));

        assertThatThrownBy(() -> at("b").add("grafana", TokenRole.VIEW, CLOCK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is a token grafana already");
        at("b").remove("grafana");
        a.look();
        b.look();
        assertThat(a.caller(secret)).isEmpty();
        assertThat(b.caller(secret)).isEmpty();
        assertThatThrownBy(() -> at("a").remove("grafana")).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void noTokenIsLostWhenManyAreMadeInTheSameMoment() throws IOException {
        IntStream.range(0, 8).parallel().forEach(i -> {
            try {
                at("n" + i % 2).add("t" + i, TokenRole.VIEW, CLOCK);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(at("a").read().tokens()).hasSize(8);
    }

    @Test
    void theTokensOfANodesFileCountUntilTokensAreMadeForAll() throws IOException {
        String before = file("a").add("before", TokenRole.OPERATE, CLOCK);
        NamedTokens a = new NamedTokens(at("a"));
        NamedTokens b = new NamedTokens(at("b"));
        a.look();
        b.look();
        assertThat(a.caller(before)).isPresent();
        assertThat(b.caller(before)).isEmpty();

        String next = at("a").add("next", TokenRole.VIEW, CLOCK);
        a.look();
        b.look();
        for (NamedTokens node : new NamedTokens[] {a, b}) {
            assertThat(node.caller(before)).isPresent();
            assertThat(node.caller(next)).isPresent();
        }
        at("b").remove("before");
        a.look();
        assertThat(a.caller(before)).isEmpty(); // though the file has it
    }

    @Test
    void whileTheDatabaseCannotBeReadNoNamedTokenIsAcceptedAndThatIsSaid() throws Exception {
        NamedTokens tokens = new NamedTokens(at("a"));
        String secret = at("a").add("a", TokenRole.VIEW, CLOCK);
        tokens.look();
        TestServer.execute("ALTER TABLE " + schema + ".shared_text RENAME TO away");
        assertThat(tokens.look().removed()).isEmpty();
        assertThat(tokens.caller(secret)).isEmpty();
        assertThat(tokens.trouble().orElseThrow())
                .startsWith("the list of named tokens in the ledger's database cannot be read")
                .contains("shared_text");
        assertThatThrownBy(() -> at("a").add("b", TokenRole.VIEW, CLOCK)).isInstanceOf(IOException.class);
        TestServer.execute("ALTER TABLE " + schema + ".away RENAME TO shared_text");
        tokens.look();
        assertThat(tokens.caller(secret)).isPresent();
        assertThat(tokens.trouble()).isEmpty();
    }
}
