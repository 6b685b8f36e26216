package dev.serai.forecast;

/** Attempt numbers that are counted together, since later ones are rare. */
public enum AttemptBucket {
    FIRST(1, "1"),
    SECOND(2, "2"),
    THIRD(3, "3"),
    TO_FIFTH(4, "4-5"),
    TO_TENTH(6, "6-10"),
    TO_TWENTIETH(11, "11-20"),
    LATER(21, "21+");

    private static final AttemptBucket[] ALL = values();
    public static final int COUNT = ALL.length;

    private final int first;
    private final String label;

    AttemptBucket(int first, String label) {
        this.first = first;
        this.label = label;
    }

    /** @param attempt counted from 1 */
    public static AttemptBucket of(int attempt) {
        int index = COUNT - 1;
        while (index > 0 && ALL[index].first > attempt) {
            index--;
        }
        return ALL[index];
    }

    public static AttemptBucket at(int ordinal) {
        return ALL[ordinal];
    }

    /** Its attempt numbers, as people read them. */
    public String label() {
        return label;
    }
}
