package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.key;
import static dev.serai.reconcile.ReconcileStage.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Operation;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.Unsettled;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.follow.AcceptedFollower;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.state.RecordState;
import dev.serai.support.Patience;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a book follows the log. */
class FollowerTest {
    private static final RecordState ALL = new RecordState("state", null, List.of());

    @TempDir
    Path folder;

    private ReconcileStage stage;

    @BeforeEach
    void open() throws Exception {
        stage = new ReconcileStage(folder);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private Book book() {
        return new Book(new BookPlace(folder.resolve("reconcile"), null), "orders", "orders", "all", true);
    }

    private BookFollower follower(Book book) {
        return new BookFollower(stage.ledger, ReconcileStage.SHOP, ALL, book, Clock.systemUTC());
    }

    /** Reads the log up to a change, and perhaps does not write it. */
    private void readAhead(LogFollower follower, int upTo) {
        awaitPosition(upTo);
        follower.readAhead(Duration.ofDays(1));
    }

    private void catchUp(LogFollower follower, int upTo) throws InterruptedException {
        awaitPosition(upTo);
        follower.catchUp();
    }

    /** The log of a target is read up to its position, which is saved later than outcomes. */
    private void awaitPosition(int upTo) {
        await().atMost(Patience.MAX).until(() -> !stage.ledger
                .search()
                .passed(0, ReconcileStage.SHOP, upTo - 1L, 1, 1)
                .isEmpty());
    }

    private static Given given(Book book, int number) {
        return book.find(List.of(key(number))).get(key(number));
    }

    @Test
    void whatIsReadWhileNobodyComparesIsWrittenWhenTheFollowerIsClosed() {
        stage.sendEach(1, 3);
        Book book = book();
        LogFollower follower = follower(book);

        readAhead(follower, 3);
        assertThat(book.log().followed(0)).isNull();
        follower.close();

        try (Book again = book()) {
            assertThat(again.log().followed(0).sequence()).isEqualTo(3);
            assertThat(again.idEnd()).isEqualTo(3);
        }
    }

    @Test
    void whatAKillTookIsReadAgain() throws Exception {
        stage.sendEach(1, 3);
        try (Book book = book()) {
            catchUp(follower(book), 3);
            stage.send(key(1), Operation.DELETE, "");
            stage.sendEach(4, 4);
            readAhead(follower(book), 5); // of a process that is killed then
        }
        try (Book book = book()) {
            assertThat(given(book, 4)).isNull();
            catchUp(follower(book), 5);
            assertThat(given(book, 4).kind()).isEqualTo(GivenKind.STATE);
            assertThat(given(book, 1).kind()).isEqualTo(GivenKind.DELETED);
            assertThat(book.idEnd()).isEqualTo(4);
        }
    }

    @Test
    void ofAKeyThatChangesOftenTheNewestStateIsInTheBook() throws Exception {
        for (int i = 1; i <= 20; i++) {
            stage.send(key(1), state(i));
        }
        stage.awaitDelivered();
        try (Book book = book()) {
            LogFollower follower = follower(book);
            readAhead(follower, 20);
            stage.send(key(1), state(21));
            catchUp(follower, 21);

            assertThat(given(book, 1).sequence()).isEqualTo(21);
            assertThat(given(book, 1).digest()).isEqualTo(RecordState.digest(ReconcileStage.json(state(21))));
            assertThat(book.recent().before(book.recent().nextTurn(), "", 10)).containsExactly(key(1));
        }
    }

    @Test
    void theHighestVersionSinceTheLastChangeWithoutOneIsKnown() throws Exception {
        try (Book book = book()) {
            LogFollower follower = new AcceptedFollower(stage.ledger, "orders", ALL, book, Clock.systemUTC());
            stage.push(key(1), 1, 7);
            stage.push(key(2), 1, 7);
            readAhead(follower, 2);
            stage.push(key(1), 1, 6);
            stage.send(key(2), state(2));
            follower.catchUp();
            assertThat(book.source().version(key(1))).isEqualTo("7");
            assertThat(book.source().version(key(2))).isNull();

            stage.push(key(2), 1, 3);
            follower.catchUp();
            assertThat(book.source().version(key(2))).isEqualTo("3");
        }
    }

    @Test
    void whatWasNotSettledIsLookedAtAgainUntilItIs() throws Exception {
        Set<String> failed = ConcurrentHashMap.newKeySet();
        stage.script = change -> switch (Integer.parseInt(change.key().substring(1)) % 4) {
            case 0 -> new Outcome.Refused(422, "no such order");
            case 1 -> failed.add(change.key()) ? new Outcome.Failed(500, "not now", null, false) : null;
            default -> null;
        };
        for (int i = 1; i <= 60; i++) {
            stage.send(key(i), state(i));
        }
        try (Book book = book()) {
            LogFollower follower = follower(book);
            catchUp(follower, 60);
            stage.awaitDelivered();
            catchUp(follower, 60);
            assertThat(unsettled(book)).hasSize(15).allMatch(sequence -> sequence % 4 == 0);
            assertThat(given(book, 5).sequence()).isEqualTo(5);
            assertThat(given(book, 8)).isNull();

            stage.script = change -> null;
            stage.ledger.actions().replay(within(key(8))).join();
            stage.ledger.actions().discard(within(key(12))).join();
            stage.awaitDelivered();
            catchUp(follower, 60);
            assertThat(unsettled(book)).hasSize(13).doesNotContain(8L, 12L);
            assertThat(given(book, 8).kind()).isEqualTo(GivenKind.STATE);
            assertThat(given(book, 12)).isNull();
        }
    }

    private static DeliveryFilter within(String key) {
        return new DeliveryFilter("orders", "shop", List.of(key), List.of(), null, null);
    }

    private static List<Long> unsettled(Book book) {
        return book.log().unsettled(0, 100).stream().map(Unsettled::sequence).toList();
    }
}
