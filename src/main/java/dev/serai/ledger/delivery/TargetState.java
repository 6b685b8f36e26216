package dev.serai.ledger.delivery;

import java.util.Locale;

/** What operators read about a target, the worst first. */
public enum TargetState {
    /** Nothing gets through: its circuit is open. */
    DOWN,
    /** It answered that it is permanently gone, or no route delivers to it. */
    STOPPED,
    /** It answers, but it refuses much of what it gets. */
    FAILING,
    /** Its route does not run yet, because the node is starting. */
    STARTING,
    /** Changes wait behind failed ones of their keys. */
    BLOCKED,
    /** A change has waited for more than a minute. */
    SLOW,
    /** An operator paused it. */
    PAUSED,
    OK;

    /** The state with this word. */
    public static TargetState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The word for people, the same in the API, the metrics and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
