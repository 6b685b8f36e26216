package dev.serai.reconcile.desk;

import dev.serai.reconcile.RunRequest;
import org.jspecify.annotations.Nullable;

/**
 * What the node that keeps the books is asked, as nodes exchange it.
 *
 * @param name of the reconcile file; empty for {@link DeskAct#OVERVIEW}
 * @param request of {@link DeskAct#START} alone
 * @param day a date of a bill; null for the newest whose bill is available
 * @param reopen whether a day may be compared again that is signed off
 * @param limit how many days at most
 * @param by who signs off
 */
record DeskCall(
        DeskAct act,
        String name,
        @Nullable RunRequest request,
        @Nullable String day,
        boolean repair,
        boolean dryRun,
        boolean reopen,
        int limit,
        @Nullable String by,
        @Nullable String reason) {

    /** The things that one can ask for. */
    enum DeskAct {
        /** What a reconciliation has found. */
        REPORT,
        /** Begins a run of a reconciliation. */
        START,
        /** The newest days of a bill. */
        DAYS,
        /** One day of a bill. */
        DAY,
        /** Begins to compare a day. */
        START_DAY,
        SIGN_OFF,
        /** How all reconciliations and bills are. */
        OVERVIEW
    }

    static DeskCall of(DeskAct act, String name) {
        return new DeskCall(act, name, null, null, false, false, false, 0, null, null);
    }

    static DeskCall start(String name, RunRequest request) {
        return new DeskCall(DeskAct.START, name, request, null, false, false, false, 0, null, null);
    }

    static DeskCall days(String name, int limit) {
        return new DeskCall(DeskAct.DAYS, name, null, null, false, false, false, limit, null, null);
    }

    static DeskCall day(String name, @Nullable String day) {
        return new DeskCall(DeskAct.DAY, name, null, day, false, false, false, 0, null, null);
    }

    static DeskCall startDay(String name, String day, boolean repair, boolean dryRun, boolean reopen) {
        return new DeskCall(DeskAct.START_DAY, name, null, day, repair, dryRun, reopen, 0, null, null);
    }

    static DeskCall signOff(String name, String day, String by, @Nullable String reason) {
        return new DeskCall(DeskAct.SIGN_OFF, name, null, day, false, false, false, 0, by, reason);
    }
}
