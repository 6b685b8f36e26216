package dev.serai.reconcile;

import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;

/**
 * The hot window while a run over all keys goes on, which may take hours: recent keys are compared between its pages, so that the
 * mark follows. A key that is not equal stays recent and holds the mark; the hot window after the run decides about it.
 *
 * <p>Threads: one thread.
 */
final class RecentLook {
    private static final int KEYS_AT_ONCE = 1_000;

    private final ComparedSide side;
    private final Book book;
    private final ReconcileFile file;
    private final CamelContext context;
    private final RunSchedule schedule;
    private final VerifiedMark mark;

    RecentLook(ComparedSide side, ReconcileFile file, CamelContext context, RunSchedule schedule, VerifiedMark mark) {
        this.side = side;
        this.book = side.book();
        this.file = file;
        this.context = context;
        this.schedule = schedule;
        this.mark = mark;
    }

    /** Whether keys that are not recent are known to be equal, so that it is enough to compare those that are. */
    boolean isEnough() {
        return file.hot() != null && mark.through() != null && book.recent().isSwept();
    }

    /** @param run over all keys, between two pages */
    void lookIfDue(RunProgress run) throws Exception {
        if (isEnough() && schedule.isRecentDue()) {
            look(run);
            schedule.recentCompared();
        }
    }

    private void look(RunProgress run) throws Exception {
        Instant through = side.through(side.follower().catchUpWithNow());
        long turn = book.recent().nextTurn();
        Map<String, Given> unequal = new HashMap<>();
        try (PatientReadBack records = file.access().open(context, side.name(), run::waits)) {
            List<String> page = book.recent().before(turn, "", KEYS_AT_ONCE);
            while (!page.isEmpty()) {
                look(records, page, turn, unequal);
                page = book.recent().before(turn, page.get(page.size() - 1), KEYS_AT_ONCE);
            }
        }
        side.follower().catchUp();
        Map<String, Given> now = book.find(unequal.keySet());
        for (Given given : unequal.values()) {
            Given newest = now.get(given.key());
            // What was on its way when this began is after the mark anyway, and what came since then, too.
            boolean isSettled =
                    newest != null && newest.sequence() == given.sequence() && !side.isOnItsWay(given.key());
            if (isSettled && !given.acceptedAt().isAfter(through)) {
                through = given.acceptedAt().minusMillis(1);
            }
        }
        mark.advance(run, through);
    }

    private void look(PatientReadBack records, List<String> keys, long turn, Map<String, Given> unequal)
            throws Exception {
        Map<String, Given> given = book.find(keys);
        List<String> equal = new ArrayList<>();
        for (List<String> portion : records.portions(given.keySet())) {
            for (KeyRecord found : records.read(portion)) {
                Given one = given.get(found.key());
                if (one != null && side.isEqual(one, found.record())) {
                    equal.add(one.key());
                } else if (one != null) {
                    unequal.put(one.key(), one);
                }
            }
        }
        book.recent().equal(turn, equal);
    }
}
