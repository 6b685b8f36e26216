package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import org.jspecify.annotations.Nullable;

/** Reads the entries of one kind of a run, in order. Threads: one thread, the writer. */
final class RunCursor {
    private final int run;
    private final IndexKind kind;
    private @Nullable IndexRunPage page;
    private long firstHash = Long.MIN_VALUE;
    private int pageNumber = -1;
    private int place;

    RunCursor(IndexRun run, IndexKind kind) {
        this.run = run.number();
        this.kind = kind;
    }

    /** Moves to the next entry; returns false at the end. */
    boolean next(Session session) {
        if (page == null || ++place == page.size()) {
            page = session.first(
                    "nextRunPage",
                    row -> {
                        firstHash = row.getLong("first_hash");
                        pageNumber = row.getInt("number");
                        return IndexRunPage.read(row.getBytes("entries"));
                    },
                    run,
                    kind.number(),
                    firstHash,
                    pageNumber);
            place = 0;
        }
        return page != null;
    }

    long hash() {
        return page == null ? 0 : page.hash(place);
    }

    long sequence() {
        return page == null ? 0 : page.sequence(place);
    }
}
