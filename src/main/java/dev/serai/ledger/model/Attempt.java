package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt to deliver a change.
 *
 * <p>Of one delivery the first {@value #FIRST_KEPT} and the newest {@value #NEWEST_KEPT} are kept; {@link Delivery#attempts}
 * counts all.
 *
 * @param number counted from 1
 * @param status the HTTP status that the target answered, if it answered one
 * @param transcript what was sent and answered, of the newest {@value #TRANSCRIPTS_KEPT} attempts; null if it is not known
 */
public record Attempt(
        TargetName target,
        int number,
        Instant at,
        @Nullable Integer status,
        String error,
        @Nullable Transcript transcript) {
    public static final int FIRST_KEPT = 5;
    public static final int NEWEST_KEPT = 20;
    public static final int TRANSCRIPTS_KEPT = 3;

    /**
     * The beginnings of what was sent and answered, without secrets.
     *
     * @param request its first line and body
     * @param answer the same; null if none came
     */
    public record Transcript(String request, @Nullable String answer) {}

    /** An attempt of which only the error is known. */
    public Attempt(TargetName target, int number, Instant at, @Nullable Integer status, String error) {
        this(target, number, at, status, error, null);
    }

    /** The same without its transcript. */
    public Attempt withoutTranscript() {
        return new Attempt(target, number, at, status, error);
    }
}
