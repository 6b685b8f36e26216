package dev.serai.ledger.delivery;

/** Who is at fault when an attempt did not succeed, as far as is known. */
public enum Blame {
    /** The change itself: its attempt counts. */
    CHANGE,
    /** The target: the change waits and keeps its attempts. */
    TARGET,
    /** Not known yet: the next successes, or their absence, will tell. */
    UNKNOWN,
    /** Not known yet, but another change succeeded after this one had failed before. */
    PROBABLY_CHANGE
}
