package dev.serai.forecast;

import java.util.Locale;

/** How an attempt to deliver a change ended, and whether it was counted. */
public enum AttemptEnd {
    DELIVERED,
    /** It failed in a way that a retry may mend, and that is not one of those below. */
    FAILED,
    /** A time-out, a broken connection or 502 to 504, and yet the change was to blame. */
    OUTAGE,
    /** The target limits the rate. */
    THROTTLED,
    /** Trying again cannot help: the change is given up at once. */
    REFUSED,
    /** The target was to blame, so the attempt is not counted, and is made again when the target is back. */
    SPARED;

    private static final AttemptEnd[] ALL = values();
    public static final int COUNT = ALL.length;

    public static AttemptEnd at(int ordinal) {
        return ALL[ordinal];
    }

    public boolean isSuccess() {
        return this == DELIVERED;
    }

    /** The word for people, the same in the API and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
