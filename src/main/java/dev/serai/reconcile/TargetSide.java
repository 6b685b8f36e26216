package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.KeyCheck.KeyVerdict;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.RecordAccess;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The target: it should have the last state of each key that it took.
 *
 * <p>Threads: one at a time.
 */
final class TargetSide implements ComparedSide {
    private final Ledger ledger;
    private final ReconcileFile file;
    private final Book book;
    private final BookFollower follower;
    private final KeyCheck check;

    TargetSide(Ledger ledger, ReconcileFile file, Book book, Clock clock) {
        this.ledger = ledger;
        this.file = file;
        this.book = book;
        this.follower = new BookFollower(ledger, file.target(), file.given(), book, clock);
        this.check = new KeyCheck(ledger, file, book);
    }

    @Override
    public String name() {
        return "target";
    }

    @Override
    public RecordAccess access() {
        return file.access();
    }

    @Override
    public Duration lag() {
        return file.lag();
    }

    @Override
    public Book book() {
        return book;
    }

    @Override
    public LogFollower follower() {
        return follower;
    }

    @Override
    public int listings() {
        return 1;
    }

    @Override
    public @Nullable JsonNode stateOf(JsonNode record) throws PullException {
        return file.found().of(record);
    }

    @Override
    public Instant through(Instant read) throws PullException {
        Instant until = read.minusMillis(1).truncatedTo(ChronoUnit.MILLIS);
        Instant waiting = delivered().oldest();
        for (Instant oldest : Arrays.asList(waiting, book.log().oldestUnsettled())) {
            if (oldest != null && !oldest.isAfter(until)) {
                until = oldest.minusMillis(1);
            }
        }
        return until;
    }

    /** A name that is misspelt would have nothing that could differ. */
    private TargetStatus delivered() throws PullException {
        TargetName name = file.target();
        FlowStatus flow = ledger.whole(() -> ledger.flow(name.flow())).orElse(null);
        List<TargetStatus> all = flow == null ? List.of() : flow.targets();
        for (TargetStatus one : all) {
            if (one.target().equals(name.target())) {
                return one;
            }
        }
        String known = all.stream().map(TargetStatus::target).collect(Collectors.joining(", "));
        throw new PullException("the ledger has no target " + name.target() + " of a flow " + name.flow()
                + (known.isEmpty() ? "" : " (that flow has " + known + ")") + ": correct flow and target in "
                + file.path().getFileName());
    }

    @Override
    public void begin() {
        book.notes().begin();
    }

    @Override
    public void suspect(List<KeyRecord> shown) {
        book.notes().suspect(shown.stream().map(KeyRecord::key).toList());
    }

    @Override
    public boolean isOnItsWay(String key) {
        return check.isOnItsWay(key);
    }

    @Override
    public KeyVerdict verdict(String key, @Nullable JsonNode record, Instant readAt) {
        return check.verdict(key, record, readAt);
    }

    /** A target that lost all it had is what a repair is for. */
    @Override
    public void judge(long absent, long shown) {}

    @Override
    public void repair(PatientReadBack system, SecondLook look, RunProgress run) throws Exception {
        new RunRepair(ledger, file, book, look, run).run();
    }
}
