package dev.serai.reconcile.book;

import java.util.Locale;

/** What became of the comparison of one key. */
public enum KeyFinding {
    EQUAL,
    /** The target does not have it. */
    MISSING,
    /** The target has an older state, which it took before; or has what was deleted. */
    STALE,
    /** The target has it, and the ledger never delivered it. */
    EXTRA,
    /** The target has a state that the ledger never delivered. */
    DIFFERS,
    /** A change of it is on its way, so it cannot be compared now. */
    PENDING,
    /** It cannot be compared: what was delivered has no state, or is no longer known. */
    UNKNOWN;

    /** As it is stored and shown. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is an end that a report lists. */
    public boolean isDifference() {
        return this == MISSING || this == STALE || this == EXTRA || this == DIFFERS;
    }

    /** Whether delivering the last state again may help. */
    public boolean isRepairable() {
        return this == MISSING || this == STALE || this == DIFFERS;
    }
}
