package dev.serai.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.Checksum;
import dev.serai.store.sqlite.LedgerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are encrypted in the ledger's file: with which keys they can be read, and that none can be exchanged. */
class EncryptionTest {
    private static final TargetName TARGET = new TargetName("orders", "shop");
    private static final String OLD = "old:" + key('o');
    private static final String NEW = "new:" + key('n');

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("ledger.db");
    }

    private static String key(char c) {
        return Base64.getEncoder().encodeToString(String.valueOf(c).repeat(32).getBytes(UTF_8));
    }

    private JdbcStore open(String keys) {
        return JdbcStore.open(file, JdbcStore.RUN_CHANGES, BodyCipher.of(keys));
    }

    private static Change change(String id) {
        return new Change(
                "orders",
                id,
                "key-" + id,
                "1",
                Operation.UPSERT,
                "text/canary",
                Map.of("X-Name", "canary header\nof " + id),
                ("canary body of " + id).getBytes(UTF_8));
    }

    private static long insert(JdbcStore store, String id) {
        try (Transaction transaction = store.begin()) {
            long sequence = transaction.insert(change(id), Instant.EPOCH);
            transaction.commit();
            return sequence;
        }
    }

    private long filled(String keys, String id) {
        try (JdbcStore store = open(keys)) {
            return insert(store, id);
        }
    }

    private static void assertReads(JdbcStore store, long sequence, String id) {
        Entry entry = store.entry(sequence).orElseThrow();
        assertThat(entry.damage()).isNull();
        assertThat(entry.change().contentType()).isEqualTo("text/canary");
        assertThat(entry.change().headers()).isEqualTo(change(id).headers());
        assertThat(entry.change().body()).isEqualTo(change(id).body());
    }

    private void update(String sql, Object... args) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < args.length; i++) {
                statement.setObject(i + 1, args[i]);
            }
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private byte[] storedBody(long sequence) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                PreparedStatement statement = connection.prepareStatement("SELECT body FROM payload WHERE seq = ?")) {
            statement.setLong(1, sequence);
            try (ResultSet row = statement.executeQuery()) {
                return row.getBytes(1);
            }
        }
    }

    // ---- Reading

    @Test
    void nothingOfBodiesHeadersAndContentTypesIsInTheFilesAndAllIsRead() throws IOException {
        try (JdbcStore store = open(NEW)) {
            long sequence = insert(store, "a");
            assertReads(store, sequence, "a");
            for (Path part : List.of(file, folder.resolve("ledger.db-wal"))) {
                assertThat(new String(Files.readAllBytes(part), ISO_8859_1)).doesNotContain("canary");
            }
        }
        assertThat(LedgerFiles.check(file)).isEmpty();
    }

    @Test
    void whatFailedAttemptsSentAndWereAnsweredIsEncryptedAndNeedsItsKey() throws IOException {
        Attempt attempt = new Attempt(
                TARGET, 1, Instant.EPOCH, 400, "no", new Attempt.Transcript("POST /\n\ncanary sent", "canary answer"));
        filled(OLD, "a");
        try (JdbcStore store = open(NEW + "," + OLD);
                Transaction transaction = store.begin()) {
            transaction.addTarget(TARGET, 0);
            transaction.attempt(1, attempt);
            transaction.commit();
            assertThat(store.attempts(1)).containsExactly(attempt);
            for (Path part : List.of(file, folder.resolve("ledger.db-wal"))) {
                assertThat(new String(Files.readAllBytes(part), ISO_8859_1)).doesNotContain("canary");
            }
        }
        assertThatThrownBy(() -> open(OLD)).isInstanceOf(StoreException.class).hasMessageContaining("new");
        try (JdbcStore store = open(OLD + "," + NEW)) {
            assertThat(store.attempts(1)).containsExactly(attempt);
        }
    }

    @Test
    void bodiesFromBeforeAreReadAndNewOnesAreEncrypted() throws SQLException {
        long before = filled("", "a");
        long after = filled(NEW, "b");

        try (JdbcStore store = open(NEW)) {
            assertReads(store, before, "a");
            assertReads(store, after, "b");
        }
        assertThat(new String(storedBody(after), ISO_8859_1)).doesNotContain("canary");
    }

    @Test
    void theFirstKeyEncryptsAndTheOthersDecrypt() throws SQLException {
        long old = filled(OLD, "a");
        long fresh = filled(NEW + "," + OLD, "b");

        try (JdbcStore store = open(NEW + "," + OLD)) {
            assertReads(store, old, "a");
            assertReads(store, fresh, "b");
        }
        update("DELETE FROM payload WHERE seq = ?", old);
        update("DELETE FROM change WHERE seq = ?", old);
        try (JdbcStore store = open(NEW)) { // no body needs the old one
            assertReads(store, fresh, "b");
        }
    }

    @Test
    void encryptionCanBeEndedAndWhatIsEncryptedIsStillRead() throws SQLException {
        long encrypted = filled(NEW, "a");
        long plain = filled("none," + NEW, "b");

        try (JdbcStore store = open("none," + NEW)) {
            assertReads(store, encrypted, "a");
            assertReads(store, plain, "b");
        }
        assertThat(new String(storedBody(plain), ISO_8859_1)).contains("canary");
    }

    @Test
    void theSameBodyIsNeverStoredTheSameWay() throws SQLException {
        long one;
        try (JdbcStore store = open(NEW)) {
            one = insert(store, "a");
        }
        long other = filled(NEW, "a");

        assertThat(storedBody(one)).isNotEqualTo(storedBody(other));
    }

    @Test
    void aBodyThatIsPendingOrHeldIsDecryptedToo() {
        try (JdbcStore store = open(NEW)) {
            try (Transaction transaction = store.begin()) {
                transaction.addTarget(TARGET, 0);
                transaction.commit();
            }
            insert(store, "a");

            assertThat(store.pending(TARGET, 0, 10, 1_000_000)).singleElement().satisfies(entry -> assertThat(
                            entry.change().body())
                    .isEqualTo(change("a").body()));
        }
    }

    // ---- Keys

    @Test
    void aStartWithoutAKeyThatBodiesNeedIsRefusedAndNamesIt() {
        filled(OLD, "a");

        for (String keys : List.of("", NEW, "none," + NEW)) {
            assertThatThrownBy(() -> open(keys).close())
                    .isInstanceOf(StoreException.class)
                    .hasMessageContainingAll("serai.ledger.encryption.keys lacks", "add old");
        }
        assertThatCode(() -> open(OLD).close()).doesNotThrowAnyException();
    }

    @Test
    void aStartWithAnotherKeyOfTheSameIdIsRefused() {
        filled(OLD, "a");

        assertThatThrownBy(() -> open("old:" + key('x')).close())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another key called old");
    }

    @Test
    void aKeyIsForgottenWhenRetentionDeletedTheLastOfItsBodies() {
        long old = filled(OLD, "a");
        try (JdbcStore store = open(NEW + "," + OLD)) {
            insert(store, "b");
            Retention nothing = new Retention(Duration.ZERO, Duration.ZERO);
            boolean more = true;
            while (more) {
                try (Transaction transaction = store.begin()) {
                    more = transaction.purge(Long.MAX_VALUE / 2, nothing, 100, (target, key, sequence) -> {});
                    transaction.commit();
                }
            }
            assertThat(store.entry(old)).isEmpty();
        }

        assertThatCode(() -> open(NEW).close()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "old",
                "old:canary",
                "old:Y2FuYXJ5",
                "no space:canary",
                "a:Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2Fu!!",
                "file:/does/not/exist"
            })
    void keysThatCannotBeReadAreRefusedWithoutBeingShown(String keys) {
        assertThatThrownBy(() -> BodyCipher.of(keys))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("serai.ledger.encryption.keys")
                .hasMessageNotContainingAny("canary", "Y2FuYXJ5");
    }

    @Test
    void keysMayStandInAFile() throws IOException {
        Path keys = Files.writeString(folder.resolve("keys.txt"), "# the newest first\n" + NEW + "\n" + OLD + "\n");

        BodyCipher bodies = BodyCipher.of("file:" + keys);

        assertThat(bodies.ids()).containsExactly("new", "old");
        assertThat(bodies.firstId()).isEqualTo("new");
    }

    // ---- Altered bodies

    @Test
    void aBodyInThePlaceOfAnotherOneIsDamageAlsoWithAChecksumThatFits() throws SQLException {
        long one = filled(NEW, "a");
        long other = filled(NEW, "b");
        byte[] foreign = storedBody(one);
        update(
                "UPDATE payload SET body = ?, sum = ? WHERE seq = ?",
                foreign,
                Checksum.ofPayload(other, null, BodyCipher.mark("new"), foreign),
                other);

        try (JdbcStore store = open(NEW)) {
            assertThat(store.entry(other).orElseThrow().damage()).contains("corrupt:", "belongs to another change");
            assertReads(store, one, "a");
        }
    }

    @Test
    void aBodyWithAFlippedBitIsDamage() throws SQLException {
        long sequence = filled(NEW, "a");
        byte[] stored = storedBody(sequence);
        stored[stored.length - 20] ^= 1;
        update("UPDATE payload SET body = ? WHERE seq = ?", stored, sequence);

        assertThat(LedgerFiles.check(file)).singleElement().satisfies(found -> assertThat(found.problem())
                .contains("checksum"));
        try (JdbcStore store = open(NEW)) {
            assertThat(store.entry(sequence).orElseThrow().damage()).contains("checksum");
        }
    }

    @Test
    void headersThatASenderMakesAreNeverTakenForTheMark() {
        long sequence;
        Change tricky = new Change(
                "orders",
                "a",
                "k",
                null,
                Operation.UPSERT,
                BodyCipher.mark("new"),
                Map.of(BodyCipher.mark("new"), ""),
                new byte[0]);
        try (JdbcStore store = open("")) {
            try (Transaction transaction = store.begin()) {
                sequence = transaction.insert(tricky, Instant.EPOCH);
                transaction.commit();
            }
            assertThat(store.entry(sequence).orElseThrow().change().headers()).isEqualTo(tricky.headers());
        }
    }

    // ---- Copies

    @Test
    void aBackupIsCheckedWithoutTheKeysAndReadWithThem() {
        long sequence;
        Path copy = folder.resolve("copy.db");
        try (JdbcStore store = open(NEW)) {
            sequence = insert(store, "a");
            assertThat(store.backup(copy)).isEmpty();
        }
        file = copy;
        try (JdbcStore store = open(NEW)) {
            assertReads(store, sequence, "a");
        }
    }
}
