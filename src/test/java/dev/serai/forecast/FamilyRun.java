package dev.serai.forecast;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Three days of one target in virtual time: changes come, are tried, wait as the redelivery policy says, and while the target is down single
 * probes go out, as the ledger does it. What was foretold is scored.
 */
final class FamilyRun {
    private static final RetryPlan PLAN = new RetryPlan(21, 1, 2, 3_600, 0.2);
    private static final double ARRIVALS_PER_SECOND = 0.1;
    private static final double DRAIN_PER_SECOND = 20;
    private static final double WINDOW = 300;
    private static final double DAY = 86_400;
    private static final double IN_OUTAGE = 300;

    final ForecastScore score = new ForecastScore();
    final IntervalScore intervals = new IntervalScore();
    /** Whether what was foretold about one change, or about all that waited, came true. */
    final Tally single = new Tally();

    final Tally drained = new Tally();
    /** The errors of when all is drained, told five minutes after an outage began, relative to the time that was left. */
    final List<Double> drainErrors = new ArrayList<>();

    /** The same, relative to the time from the begin of the outage. */
    final List<Double> drainErrorsOfAll = new ArrayList<>();

    /** The most attempts that were under way at the same time. */
    long underWayMax;

    private final TargetFamily family;
    private final TargetFamily.Behaviour target;
    private final RandomGenerator random;
    private final AttemptSeconds.Newest times = new AttemptSeconds.Newest();
    private final AttemptMixture mixture = new AttemptMixture();
    private final RegimeTracker tracker = new RegimeTracker(0);
    private final TreeMap<Long, ChainCounts> windows = new TreeMap<>();
    private final List<RegimePeriod> periods = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingDouble(Event::time).thenComparingLong(Event::number));
    private final ArrayDeque<Change> queue = new ArrayDeque<>();
    private final Set<Change> open = new LinkedHashSet<>();
    private long number;
    private boolean isDown;
    private long underWay;
    /** How many times are foretold and not known yet, by horizon. */
    private final int[] unknown = new int[ForetoldTime.Horizon.values().length];

    private int probes;
    private boolean probeDue;
    private @Nullable Change probing;

    /** How often a value lay in its 90 % interval, and at or below the 80 and 95 % quantiles. */
    static final class Tally {
        int forecasts;
        int within90;
        int below80;
        int below95;

        void add(Quantiles told, double actual) {
            double exact = 1e-6;
            forecasts++;
            within90 += actual >= told.p5() - exact && actual <= told.p95() + exact ? 1 : 0;
            below80 += actual <= told.p80() + exact ? 1 : 0;
            below95 += actual <= told.p95() + exact ? 1 : 0;
        }

        void add(Tally other) {
            forecasts += other.forecasts;
            within90 += other.within90;
            below80 += other.below80;
            below95 += other.below95;
        }

        double share90() {
            return forecasts == 0 ? Double.NaN : (double) within90 / forecasts;
        }
    }

    private record Event(double time, long number, Runnable what) {}

    private static final class Change {
        final int key;
        int attempts;
        double due;
        double over = Double.NaN;
        boolean delivered;
        final List<Told> told = new ArrayList<>();

        Change(int key) {
            this.key = key;
        }
    }

    /** What was foretold, until the last of the changes that it is about is over. */
    private final class Told {
        final ForetoldTime about;
        final double at;
        final boolean inOutage;
        final int others;
        int open;

        Told(ForetoldTime about, double at, List<Change> changes, boolean inOutage) {
            this.about = about;
            this.at = at;
            this.inOutage = inOutage;
            this.open = changes.size();
            this.others = inOutage ? 0 : unknown[about.horizon().ordinal()]++;
            changes.forEach(change -> change.told.add(this));
        }
    }

    private double now;

    FamilyRun(TargetFamily family, long seed) {
        this.family = family;
        this.random = new SplittableRandom(seed);
        this.target = new TargetFamily.Behaviour(family, new SplittableRandom(seed + 1));
    }

    private void at(double time, Runnable what) {
        events.add(new Event(time, number++, what));
    }

    /** @param everySeconds between forecasts; those of the first day are learned from and not counted */
    void run(double everySeconds) {
        if (family == TargetFamily.THROTTLING) {
            for (double time = 0; time < TargetFamily.SECONDS; time += 600) {
                at(time, () -> {
                    for (int i = 0; i < 60; i++) {
                        at(now + i * 0.1, this::arrive);
                    }
                });
            }
        } else {
            at(0, this::arriveAndGoOn);
        }
        for (double time = everySeconds; time < TargetFamily.SECONDS - 20_000; time += everySeconds) {
            double when = time + random.nextDouble() * everySeconds / 2;
            at(when, () -> foretell(false));
        }
        if (family.hasLongOutages()) {
            target.outages.stream()
                    .filter(outage -> outage[0] > DAY && outage[0] < TargetFamily.SECONDS - 20_000)
                    .filter(outage -> outage[1] - outage[0] > IN_OUTAGE)
                    .forEach(outage -> at(outage[0] + IN_OUTAGE, () -> foretell(true)));
        }
        while (!events.isEmpty()) {
            Event event = events.remove();
            now = event.time();
            event.what().run();
        }
    }

    private void arriveAndGoOn() {
        if (now < TargetFamily.SECONDS) {
            arrive();
            at(now - Math.log(1 - random.nextDouble()) / ARRIVALS_PER_SECOND, this::arriveAndGoOn);
        }
    }

    private Change arrive() {
        Change change = new Change(random.nextInt(TargetFamily.KEYS));
        open.add(change);
        ready(change);
        return change;
    }

    private void ready(Change change) {
        if (isDown) {
            queue.add(change);
            if (probeDue) {
                probe();
            }
        } else {
            attempt(change);
        }
    }

    private void probe() {
        Change change = queue.poll();
        probing = change;
        probeDue = change == null;
        if (change != null) {
            attempt(change);
        }
    }

    private long millis() {
        return Math.round(now * 1000);
    }

    private void note(@Nullable RegimePeriod period) {
        if (period != null) {
            periods.add(period);
        }
    }

    private void count(Regime regime, int attempt, AttemptEnd end) {
        windows.computeIfAbsent((long) (now / WINDOW), none -> new ChainCounts())
                .add(ChainCounts.cell(regime, AttemptBucket.of(attempt), end), 1);
    }

    private void attempt(Change change) {
        AttemptForecast told = mixture.foretell(AttemptBucket.of(change.attempts + 1), tracker.regime());
        AttemptEnd end = target.attempt(now, change.key);
        double sent = now;
        underWayMax = Math.max(underWayMax, ++underWay);
        at(now + TargetFamily.attemptSeconds(end, random), () -> ended(change, told, end, sent));
    }

    private void ended(Change change, AttemptForecast foretold, AttemptEnd end, double sent) {
        int attempt = change.attempts + 1;
        underWay--;
        times.add(end, now - sent);
        score.add(foretold, end);
        mixture.learn(foretold, end);
        note(tracker.attempted(end, millis()));
        if (end == AttemptEnd.OUTAGE) {
            count(foretold.regime(), attempt, AttemptEnd.SPARED);
            spare(change);
            return;
        }
        if (isDown && change == probing) {
            recover();
        }
        count(foretold.regime(), attempt, end);
        change.attempts = attempt;
        if (end == AttemptEnd.DELIVERED || end == AttemptEnd.REFUSED || PLAN.isLast(attempt)) {
            change.over = now;
            change.delivered = end == AttemptEnd.DELIVERED;
            open.remove(change);
            change.told.forEach(told -> settled(told, change.delivered));
        } else {
            change.due = now + PLAN.waitSeconds(attempt) * (0.8 + 0.4 * random.nextDouble());
            at(change.due, () -> ready(change));
        }
    }

    private void settled(Told told, boolean delivered) {
        if (--told.open > 0) {
            return;
        }
        Quantiles quantiles = told.about.quantiles();
        boolean isOne = told.about.horizon() == ForetoldTime.Horizon.DELIVERED;
        double actual = isOne && !delivered ? Double.POSITIVE_INFINITY : now - told.at;
        if (told.inOutage) {
            double error = Math.abs(quantiles.p50() - actual);
            drainErrors.add(error / actual);
            drainErrorsOfAll.add(error / (actual + IN_OUTAGE));
            return;
        }
        unknown[told.about.horizon().ordinal()]--;
        intervals.learn(told.about, actual, told.others);
        if (told.at >= DAY) {
            (isOne ? single : drained).add(quantiles, actual);
        }
    }

    private void spare(Change change) {
        boolean opens = !isDown;
        if (opens) {
            isDown = true;
            probes = 0;
            note(tracker.down(millis()));
        }
        queue.addFirst(change);
        if (opens || change == probing) {
            probing = null;
            probes = Math.min(10, probes + 1);
            at(now + Math.min(15, 0.2 * Math.pow(2, probes - 1)), this::probe);
        }
    }

    private void recover() {
        isDown = false;
        probing = null;
        probeDue = false;
        note(tracker.up(millis()));
        List<Change> waiting = List.copyOf(queue);
        queue.clear();
        for (int i = 0; i < waiting.size(); i++) {
            Change next = waiting.get(i);
            at(now + (i + 1) / DRAIN_PER_SECOND, () -> ready(next));
        }
    }

    private void foretell(boolean inOutage) {
        ChainCounts counts = new ChainCounts();
        windows.tailMap((long) ((now - 86_400) / WINDOW)).values().forEach(counts::addAll);
        List<RegimePeriod> all = new ArrayList<>(periods);
        all.add(tracker.running(millis()));
        List<TargetLoad.Retrying> retrying = new ArrayList<>();
        for (Change change : open) {
            if (change.due > now) {
                retrying.add(new TargetLoad.Retrying(change.attempts + 1, 1, change.due - now));
            }
        }
        long pending = open.size() - retrying.size() - underWay;
        double age = (millis() - tracker.sinceMillis()) / 1000.0;
        TargetLoad standing = new TargetLoad(
                tracker.regime(), age, underWay, pending, retrying, 0, DRAIN_PER_SECOND, times.seconds(0.1));
        Forecast forecast = Forecast.of(counts, all, PLAN, standing, intervals);
        if (!open.isEmpty()) {
            new Told(forecast.drained(), now, List.copyOf(open), inOutage);
        }
        if (!inOutage) {
            new Told(forecast.toConsistency(), now, List.of(arrive()), false);
        }
    }
}
