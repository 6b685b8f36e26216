package dev.serai.rhythm;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * The rhythm in which changes come to a source: how long its pauses usually are at each hour of the week, how much longer they
 * get, and by that whether the source is silent.
 *
 * <p>Promise: without history nothing is silence: an hour of the week that was never seen adds nothing to it, so that the first
 * one can be after eight days. A wall clock that is set makes no pause longer or shorter.
 *
 * <p>Units: monotonic times are milliseconds.
 *
 * <p>Threads: safe.
 */
public final class Rhythm {
    /** Shorter pauses count as this long, so that a sender or a node that stops for a moment is not silent. */
    public static final Duration PAUSE_MIN = Duration.ofSeconds(10);

    private static final String FORMAT = "rhythm 1";
    private static final double HOUR_MILLIS = 3_600_000;

    private final ZoneId zone;
    private final UsualPauses usual;
    private final LongPauses longer;
    private @Nullable Instant lastAt;
    private long lastMillis;
    /** Whether the last thing was a change; else the source began then, and what ends is no whole pause. */
    private boolean hasCome;

    private @Nullable Instant cameAt;

    /** @param zone in which hours of the week are counted, that of the people behind the source */
    public Rhythm(ZoneId zone) {
        this(zone, new UsualPauses(), new LongPauses());
    }

    private Rhythm(ZoneId zone, UsualPauses usual, LongPauses longer) {
        this.zone = zone;
        this.usual = usual;
        this.longer = longer;
    }

    /** The source begins, or is stopped: what was before is part of no pause. */
    public synchronized void begin(Instant now, long monotonicMillis) {
        hasCome = false;
        lastAt = now;
        lastMillis = monotonicMillis;
    }

    /** A push was accepted, or something new was found. */
    public synchronized void came(Instant now, long monotonicMillis) {
        if (hasCome && monotonicMillis > lastMillis) {
            learn(hours(now), (monotonicMillis - lastMillis) / HOUR_MILLIS);
        }
        hasCome = true;
        cameAt = now;
        lastAt = now;
        lastMillis = monotonicMillis;
    }

    /**
     * Who has watched it longer says that nothing came since then, or said so a moment ago; does nothing if it is known here that
     * something did.
     */
    public synchronized void nothingSince(Instant since, Instant now, long monotonicMillis) {
        boolean cameLater = cameAt != null && since.isBefore(cameAt.minus(PAUSE_MIN));
        if (lastAt != null && !hasCome && !cameLater && since.isBefore(lastAt)) {
            hasCome = true;
            lastAt = since;
            lastMillis = monotonicMillis - Duration.between(since, now).toMillis();
        }
    }

    private void learn(double to, double pause) {
        double from = to - pause;
        double usualPauses = usual.count(from, to);
        if (usual.isKnown(to) && usualPauses > 0) {
            longer.add(pause, usualPauses);
        }
        usual.add(from, to);
    }

    /**
     * The silence at this time; null if there is none, or the rhythm is not known yet.
     *
     * @param patience how many times as long as the limit a pause may be; 1 for what is pushed
     */
    public synchronized @Nullable Silence silence(Instant now, long monotonicMillis, double patience) {
        double to = hours(now);
        if (lastAt == null || !isKnown(to)) {
            return null;
        }
        double pause = (monotonicMillis - lastMillis) / HOUR_MILLIS;
        boolean isLong = usual.count(to - pause, to) > patience * longer.limit();
        double here = Math.min(usual.at(to), usual.longest());
        return isLong ? new Silence(lastAt, !hasCome, duration(here)) : null;
    }

    /** The usual pause at this hour of the week; null while it is not known. */
    public synchronized @Nullable Duration usualPause(Instant now) {
        double at = hours(now);
        double pause = usual.at(at);
        return isKnown(at) && Double.isFinite(pause) ? duration(pause) : null;
    }

    private boolean isKnown(double at) {
        return usual.isKnown(at) && longer.isKnown();
    }

    private static Duration duration(double hours) {
        return Duration.ofMillis(Math.round(hours * HOUR_MILLIS));
    }

    /** Hours since the epoch in local time. */
    private double hours(Instant time) {
        long offset = zone.getRules().getOffset(time).getTotalSeconds() * 1000L;
        return (time.toEpochMilli() + offset) / HOUR_MILLIS;
    }

    // ---- As text

    /** What {@link #of} reads; below 20,000 characters. */
    public synchronized String text() {
        StringBuilder text = new StringBuilder(FORMAT).append('\n');
        longer.write(text);
        usual.write(text);
        return text.toString();
    }

    /** A rhythm that goes on from a saved one; throws {@link IllegalArgumentException} if the text is not one. */
    public static Rhythm of(String text, ZoneId zone) {
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(FORMAT)) {
            throw new IllegalArgumentException("not a rhythm that this program knows");
        }
        return new Rhythm(zone, UsualPauses.read(lines, 2), LongPauses.read(lines[1]));
    }
}
