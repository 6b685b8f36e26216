package dev.serai.forecast;

import java.util.Locale;

/** A simple way to foretell whether an attempt succeeds. */
public enum Expert {
    /** The share of all attempts that succeeded. */
    PLAIN,
    /** The exponential average of the last attempts. */
    EXPONENTIAL,
    /** The share among attempts of the same number. */
    ATTEMPT,
    /** The share among attempts after one that ended like the last one of the target. */
    ERROR,
    /** The share among attempts of the same number after one that ended like the last one. */
    CHAIN,
    /** The share among attempts in the same regime. */
    REGIME;

    private static final Expert[] ALL = values();
    public static final int COUNT = ALL.length;

    public static Expert at(int ordinal) {
        return ALL[ordinal];
    }

    /** The word for people, the same in the API and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
