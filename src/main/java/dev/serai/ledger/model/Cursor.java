package dev.serai.ledger.model;

import java.time.Instant;

/** How far a pulling source has read. */
public record Cursor(String name, String value, Instant savedAt) {
    /** What names of entries begin with that are no cursors of sources: nobody is shown them, and nobody can set them. */
    public static final String HIDDEN = "serai:";

    /** Whether it is one that nobody is shown. */
    public static boolean isHidden(String name) {
        return name.startsWith(HIDDEN);
    }
}
