package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes the entries of changes that retention deleted from the log.
 *
 * <p>A run is swept once, after retention has walked past all of it: this removes the entries of deleted changes. The run is
 * deleted when its last change is deleted. The progress within a run is kept in memory only, because a sweep can be repeated.
 *
 * <p>Threads: one thread, the writer.
 */
public final class IndexRunSweep {
    /** The last page that was swept. */
    private record SweepPosition(int run, int kind, long firstHash, int number) {}

    private record SweptPage(SweepPosition place, IndexRunPage entries) {}

    private final IdIndex ids;
    private @Nullable SweepPosition committed;
    private @Nullable SweepPosition place;
    private @Nullable IndexRun finished;
    private @Nullable IndexRun finishedAs;
    private int next;

    public IndexRunSweep(IdIndex ids) {
        this.ids = ids;
    }

    /** One step; returns whether it did anything. */
    public boolean step(Session session) {
        IndexRun run = nextRun(session);
        if (run == null) {
            return false;
        }
        boolean empty = isEmpty(session, run);
        if (run.swept() && !empty) {
            return false;
        }
        sweep(session, run, empty);
        return true;
    }

    public void committed() {
        committed = place;
        if (finished != null) {
            ids.replace(finished, finishedAs);
            finished = null;
        }
    }

    public void undone() {
        place = committed;
        finished = null;
    }

    /** The first unswept run that retention has walked past, else each swept run in turn. */
    private @Nullable IndexRun nextRun(Session session) {
        List<IndexRun> runs = ids.runs();
        if (runs.isEmpty()) {
            return null;
        }
        long front = front(session);
        for (IndexRun run : runs) {
            boolean underWay = place != null && place.run() == run.number();
            if (underWay || (!run.swept() && run.toSequence() < front)) {
                return run;
            }
        }
        next = (next + 1) % runs.size();
        return runs.get(next).swept() ? runs.get(next) : null;
    }

    private static long front(Session session) {
        long front = Long.MAX_VALUE;
        for (long[] flow : session.list("flowsByPurged", row -> new long[] {row.getInt("id"), row.getLong("purged")})) {
            long first = session.number("firstUnlooked", flow[0], flow[1]);
            front = first == 0 ? front : Math.min(front, first);
        }
        return front;
    }

    private static boolean isEmpty(Session session, IndexRun run) {
        return !session.exists("anyChangeIn", run.fromSequence(), run.toSequence());
    }

    private void sweep(Session session, IndexRun run, boolean empty) {
        SweepPosition from = place != null && place.run() == run.number()
                ? place
                : new SweepPosition(run.number(), -1, Long.MIN_VALUE, -1);
        SweptPage page = session.first(
                "nextRunPage",
                row -> new SweptPage(
                        new SweepPosition(
                                run.number(), row.getInt("kind"), row.getLong("first_hash"), row.getInt("number")),
                        IndexRunPage.read(row.getBytes("entries"))),
                run.number(),
                from.kind(),
                from.firstHash(),
                from.number());
        if (page == null) {
            finish(session, run);
        } else {
            sweep(session, page, empty);
            place = page.place();
        }
    }

    private static void sweep(Session session, SweptPage page, boolean empty) {
        SweepPosition at = page.place();
        IndexRunPage kept = page.entries().filter(sequence -> !empty && session.exists("isKept", sequence));
        if (kept.size() == 0) {
            session.update("deleteRunPage", at.run(), at.kind(), at.firstHash(), at.number());
        } else if (kept.size() < page.entries().size()) {
            session.update("shrinkRunPage", kept.bytes(), at.run(), at.kind(), at.firstHash(), at.number());
        }
    }

    private void finish(Session session, IndexRun run) {
        place = null;
        finished = run;
        if (session.exists("hasRunPage", run.number())) {
            session.update("swept", run.number());
            finishedAs = run.asSwept();
        } else {
            session.update("deleteRun", run.number());
            finishedAs = null;
        }
    }
}
