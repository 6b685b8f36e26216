package dev.serai.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far marks trail now during a day that is played in minutes.
 *
 * <p>The day's clock stands still while the node restarts, since that takes seconds in any day; and from then on until a minute has
 * passed in which 99 % of the marks were in time it runs as any clock does, since Java compiles a program anew in minutes, however
 * fast the day is played. The marks of a target that is down cannot move, so they are counted apart until they are in time again.
 *
 * <p>Threads: one thread.
 */
public final class DayMarks {
    /** How long marks are in time, but for a few, until a node counts as compiled. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    private static final double FEW = 0.01;

    private final Duration day;
    private final Duration mostOfRealDay;
    private final Duration most;
    private final List<Stand> stands = new ArrayList<>();
    private final Set<String> down = new HashSet<>();
    private final Map<String, Instant> upSince = new TreeMap<>();
    private final Map<String, Duration> recoveries = new TreeMap<>();
    private final Map<String, Long> lateOf = new TreeMap<>();
    /** The late looks by hour of the day. */
    private final Map<Long, Long> lateAt = new TreeMap<>();

    private @Nullable Instant begun;
    private long seen;
    private long late;
    private long seenOfDown;
    private Duration worst = Duration.ZERO;
    private @Nullable Instant backSince;
    /** The looks of the last {@link #SETTLED}. */
    private final List<Look> newest = new ArrayList<>();
    /** Since the node started. */
    private @Nullable Instant lookedSince;

    private record Look(Instant at, int marks, int late) {}

    private final List<Duration> restarts = new ArrayList<>();

    private record Stand(Instant from, Instant to) {
        Duration within(Instant begin, Instant end) {
            Instant first = from.isAfter(begin) ? from : begin;
            Instant last = to.isBefore(end) ? to : end;
            return last.isAfter(first) ? Duration.between(first, last) : Duration.ZERO;
        }
    }

    /**
     * Nothing is seen yet.
     *
     * @param day how long the day is played
     * @param most how far a mark may trail, in the time of the day
     */
    public DayMarks(Duration day, Duration most) {
        this.day = day;
        this.mostOfRealDay = most;
        this.most = Duration.ofMillis(
                most.toMillis() * day.toMillis() / Duration.ofDays(1).toMillis());
    }

    /** The clock stood still, while the node started again. */
    public void stood(Instant from, Instant to) {
        stands.add(new Stand(from, to));
        backSince = to;
        newest.clear();
        lookedSince = null;
    }

    /** Looks before the day begins. Returns whether the node is compiled, which begins it. */
    public boolean isSettled(Instant now, JsonNode reconciliations) {
        int late = 0;
        for (JsonNode one : reconciliations) {
            String through = one.get("verifiedThrough").asText(null);
            if (through == null || behind(Instant.parse(through), now).compareTo(most) > 0) {
                late++;
            }
        }
        return isSettled(new Look(now, reconciliations.size(), late));
    }

    private boolean isSettled(Look look) {
        newest.add(look);
        lookedSince = lookedSince == null ? look.at() : lookedSince;
        Instant from = look.at().minus(SETTLED);
        newest.removeIf(one -> one.at().isBefore(from));
        int marks = newest.stream().mapToInt(Look::marks).sum();
        int late = newest.stream().mapToInt(Look::late).sum();
        return !lookedSince.isAfter(from) && late <= FEW * marks;
    }

    public void down(String target) {
        down.add(target);
    }

    /** The target is back; its marks are counted apart until all of them are in time. */
    public void up(String target) {
        upSince.put(target, Instant.now());
    }

    /** Looks at what {@code GET /api/status} says of reconciliations. The day begins with the first look. */
    public void look(Instant now, JsonNode reconciliations) {
        begun = begun == null ? now : begun;
        long hour = Duration.between(begun, now).toMillis() * Duration.ofDays(1).toHours() / day.toMillis();
        Instant back = backSince;
        Set<String> lateTargets = new HashSet<>();
        int marks = 0;
        int notInTime = 0;
        for (JsonNode one : reconciliations) {
            String target = one.get("target").asText();
            String through = one.get("verifiedThrough").asText(null);
            Duration behind = through == null ? day : behind(Instant.parse(through), now);
            boolean isLate = behind.compareTo(most) > 0;
            if (isLate) {
                lateTargets.add(target);
            }
            if (down.contains(target)) {
                seenOfDown++;
                continue;
            }
            seen++;
            marks++;
            if (isLate
                    || (back != null
                            && (through == null || !Instant.parse(through).isAfter(back)))) {
                notInTime++;
            }
            if (back == null) {
                worst = behind.compareTo(worst) > 0 ? behind : worst;
            }
            if (back == null ? isLate : behind.compareTo(mostOfRealDay) > 0) {
                late++;
                lateOf.merge(one.get("name").asText(), 1L, Long::sum);
                lateAt.merge(hour, 1L, Long::sum);
            }
        }
        boolean isSettled = isSettled(new Look(now, marks, notInTime));
        if (back != null && isSettled) {
            stands.add(new Stand(back, now));
            restarts.add(Duration.between(back, now));
            backSince = null;
        }
        for (String target : Set.copyOf(upSince.keySet())) {
            if (!lateTargets.contains(target)) {
                recoveries.put(target, Duration.between(upSince.remove(target), now));
                down.remove(target);
            }
        }
    }

    private Duration behind(Instant through, Instant now) {
        Duration behind = Duration.between(through, now);
        for (Stand one : stands) {
            behind = behind.minus(one.within(through, now));
        }
        return behind;
    }

    /** The share of the looks at targets that were not down in which a mark was in time, between 0 and 1. */
    public double share() {
        return seen == 0 ? 0 : 1 - (double) late / seen;
    }

    /** In one line; times are of the day. */
    @Override
    public String toString() {
        String back = recoveries.entrySet().stream()
                .map(one -> one.getKey() + " was " + minutes(one.getValue()) + " after it was back")
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "the marks trailed by at most %s in %.2f %% of %,d looks, the worst by %s; apart from these %,d looks at targets that"
                        + " were down: in time again %s; after restarts compiled within %s; late by hour: %s, by file: %s",
                minutes(most),
                100 * share(),
                seen,
                minutes(worst),
                seenOfDown,
                back,
                restarts,
                lateAt,
                lateOf);
    }

    private String minutes(Duration played) {
        double part = (double) played.toMillis() / day.toMillis();
        return String.format(Locale.ROOT, "%.1f min", part * Duration.ofDays(1).toMinutes());
    }
}
