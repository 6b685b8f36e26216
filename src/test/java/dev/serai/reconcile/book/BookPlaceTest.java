package dev.serai.reconcile.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.NumberedKey;
import dev.serai.reconcile.book.Book.Unsettled;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.postgres.TestServer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.AbstractMap.SimpleEntry;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Books are the same in a folder and in the database that nodes share. */
class BookPlaceTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    @TempDir
    Path folder;

    private BookPlace shared;

    @BeforeEach
    void makeLedger() {
        LedgerAddress address =
                new LedgerAddress(TestServer.url(), null, null, TestServer.newSchema(), 1, "test", folder);
        LedgerStores.open(address, BodyCipher.NONE).forEach(store -> store.close());
        shared = new BookPlace(folder, LedgerStores.sideTables(address));
    }

    private List<BookPlace> places() {
        return List.of(new BookPlace(folder.resolve("files"), null), shared);
    }

    private static Given given(String key, long sequence, int atSecond) {
        byte[] digest = new byte[16];
        Arrays.fill(digest, (byte) sequence);
        Instant at = NOON.plusSeconds(atSecond);
        return new Given(key, 0, sequence, at, at, GivenKind.STATE, digest);
    }

    private static LogPart part(long upTo, Given... given) {
        return new LogPart(Map.of(0, new Followed(upTo, "i" + upTo, NOON)), List.of(given), List.of(), List.of());
    }

    @Test
    void whatWasTakenLastOfEachKeyIsKnownAndKeepsItsNumber() {
        for (BookPlace place : places()) {
            try (Book book = new Book(place, "orders", "orders", "all", true)) {
                book.follow(part(1, given("B", 1, 1)));
                book.follow(new LogPart(
                        Map.of(0, new Followed(3, "i3", NOON)),
                        List.of(given("a", 2, 2), given("B", 3, 3)),
                        List.of(new Unsettled(2, "ä", NOON), new Unsettled(3, "a", NOON)),
                        List.of()));
                book.follow(part(4, given("a", 4, 4)));
                assertThat(book.find(List.of("a", "B", "c")))
                        .hasEntrySatisfying(
                                "a", one -> assertThat(one.sequence()).isEqualTo(4))
                        .hasEntrySatisfying("B", one -> assertThat(one.digest())
                                .isEqualTo(given("B", 3, 3).digest()))
                        .hasSize(2);
                assertThat(book.keys("", 10)).containsExactly(new NumberedKey("B", 0), new NumberedKey("a", 1));
                assertThat(book.idEnd()).isEqualTo(2);
                book.settle(List.of(2L), List.of(given("a", 2, 2))); // delivered before what is known
                assertThat(book.find(List.of("a")).get("a").sequence()).isEqualTo(4);
                assertThat(book.log().unsettled(0, 10)).containsExactly(new Unsettled(3, "a", NOON));
                book.settle(List.of(3L), List.of(given("a", 3, 6), given("a", 2, 5), given("c", 1, 1)));
                assertThat(book.find(List.of("a")).get("a").sequence()).isEqualTo(3);
                assertThat(book.log().unsettled(0, 10)).isEmpty();
                assertThat(book.keys("a", 10)).containsExactly(new NumberedKey("c", 2));
                assertThat(book.recent().before(book.recent().nextTurn(), "", 10))
                        .containsExactly("B", "a", "c");
            }
        }
    }

    @Test
    void whatARunHasFoundIsThereWhenTheBookIsOpenedAgain() {
        for (BookPlace place : places()) {
            BitSet seen = new BitSet();
            seen.set(70);
            try (Book book = new Book(place, "orders", "orders", "all", false)) {
                book.notes().save("{\"place\":1}", seen);
                book.notes().save("{\"place\":2}", seen);
                book.notes().suspect(List.of("k1", "k2", "k1"));
                book.notes()
                        .put(List.of(
                                new KeyDifference("k1", "missing", List.of("amount"), NOON, 5, null),
                                new KeyDifference("k2", "extra", List.of(), null, 0, null)));
                book.repairs().note(Map.of("k1", RepairNotes.REDELIVERED));
                book.notes().put(List.of(new KeyDifference("k1", "missing", List.of(), NOON, 5, null)));
                List<Map.Entry<String, @Nullable String>> versions = List.of(
                        new SimpleEntry<>("k1", "2"), new SimpleEntry<>("k1", "1"), new SimpleEntry<>("k2", null));
                book.follow(new LogPart(Map.of(), List.of(), List.of(), versions));
                book.source().seen(Map.of("k1", new byte[] {1}));
                book.times().set("all", NOON);
            }
            try (Book book = new Book(place, "orders", "orders", "all", false)) {
                assertThat(book.isLost()).isFalse();
                assertThat(book.notes().saved()).isEqualTo(new RunNotes.SavedRun("{\"place\":2}", seen));
                assertThat(book.notes().suspects("", 10)).containsExactly("k1", "k2");
                assertThat(book.notes().counts()).isEqualTo(Map.of("missing", 1L, "extra", 1L));
                assertThat(book.notes().differences("", 10).get(0).repair()).contains("not equal yet");
                assertThat(book.notes().oldestDifference(null)).isEqualTo(NOON);
                assertThat(book.source().version("k1")).isEqualTo("2");
                assertThat(book.source().isSame("k1", new byte[] {1})).isTrue();
                assertThat(book.times().last("all")).isEqualTo(NOON);
            }
            try (Book other = new Book(place, "orders", "orders", "another part", false)) {
                assertThat(other.notes().saved()).isNull();
            }
        }
    }

    @Test
    void onlyTheNodeThatOpenedABookLastWritesToIt() {
        try (Book first = new Book(shared, "orders", "orders", "all", false);
                Book second = new Book(shared, "orders", "orders", "all", false)) {
            assertThatThrownBy(() -> first.times().set("all", NOON))
                    .isInstanceOf(BookException.class)
                    .hasMessage("the book orders cannot be written: another node has opened it");
            assertThat(first.isLost()).isTrue();
            second.times().set("all", NOON);
            assertThat(second.isLost()).isFalse();
        }
    }

    @Test
    void aBookThatTheNodeKeptInItsFolderIsCopiedOnceToWhereNodesShareIt() {
        BookPlace own = new BookPlace(folder, null);
        LocalDate day = LocalDate.parse("2026-11-20");
        try (Book book = new Book(own, "orders", "orders", "all", false);
                BillBook bills = new BillBook(own, "orders")) {
            book.follow(part(1, given("a", 1, 1)));
            bills.addBill(day, List.of(new BillLine("P-1", new SideValue(6_500L, null), true, null)));
            bills.save(day, true, "signed off");
        }
        try (Book book = new Book(shared, "orders", "orders", "all", false);
                BillBook bills = new BillBook(shared, "orders")) {
            assertThat(book.find(List.of("a")).get("a").digest())
                    .isEqualTo(given("a", 1, 1).digest());
            assertThat(book.log().followed(0)).isEqualTo(new Followed(1, "i1", NOON));
            assertThat(bills.reports(10)).containsExactly("signed off");
            assertThat(bills.entry(day, "P-1").bill()).isEqualTo(new SideValue(6_500L, null));
            book.follow(part(2, given("a", 2, 2)));
        }
        try (Book book = new Book(shared, "orders", "orders", "all", false)) {
            assertThat(book.log().followed(0)).isEqualTo(new Followed(2, "i2", NOON));
        }
    }

    @Test
    void aLostConnectionIsMadeAgain() throws Exception {
        try (Book book = new Book(shared, "orders", "orders", "all", false)) {
            book.times().set("all", NOON);
            TestServer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '% side'");
            assertThatThrownBy(() -> book.times().last("all")).isInstanceOf(BookException.class);
            assertThat(book.times().last("all")).isEqualTo(NOON);
        }
    }

    @Test
    void theBooksOfAFlowAreDeletedAndNoOthers() {
        for (BookPlace place : places()) {
            for (String flow : List.of("orders", "payments")) {
                try (Book book = new Book(place, flow, flow, "all", false)) {
                    book.times().set("all", NOON);
                }
                new BillBook(place, flow).close();
            }
            assertThat(place.deleteOf(Set.of("orders", "none"))).containsExactly("orders");
            try (Book gone = new Book(place, "orders", "orders", "all", false);
                    Book stays = new Book(place, "payments", "payments", "all", false)) {
                assertThat(gone.times().last("all")).isNull();
                assertThat(stays.times().last("all")).isEqualTo(NOON);
            }
        }
    }
}
