package dev.serai.forecast;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a target behaves for a while. */
public enum Regime {
    /** Most attempts succeed. */
    UP,
    /** At least a quarter of the attempts fail, most of those because the target limits their rate. */
    THROTTLED,
    /** At least a quarter of the attempts fail, for other reasons. */
    DEGRADED,
    /** Its circuit is open: single probes go out, and changes wait. */
    DOWN;

    private static final Regime[] ALL = values();
    public static final int COUNT = ALL.length;

    public static Regime at(int ordinal) {
        return ALL[ordinal];
    }

    /** The regime with this word; empty if there is none. */
    public static Optional<Regime> of(String word) {
        return Arrays.stream(ALL).filter(regime -> regime.word().equals(word)).findFirst();
    }

    /** The word for people, the same in the API and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
