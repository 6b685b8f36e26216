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

    final ForecastScore score = new ForecastScore();
    /** Whether what was foretold about one change, or about all that waited, came true. */
    final Tally single = new Tally();

    final Tally drained = new Tally();
    /** The relative errors of when all is drained, told five minutes after an outage began. */
    final List<Double> drainErrors = new ArrayList<>();

    /** The same of somebody who knows how the durations of outages are distributed. */
    final List<Double> bestErrors = new ArrayList<>();

    private final TargetFamily family;
    private final TargetFamily.Behaviour target;
    private final RandomGenerator random;
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
    private int probes;
    private boolean probeDue;

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

        Change(int key) {
            this.key = key;
        }
    }

    private record Told(double at, Quantiles quantiles, List<Change> changes, boolean inOutage) {}

    private final List<Told> toldOfOne = new ArrayList<>();
    private final List<Told> toldOfAll = new ArrayList<>();
    private double now;

    FamilyRun(TargetFamily family, long seed) {
        this.family = family;
        this.random = new SplittableRandom(seed);
        this.target = new TargetFamily.Behaviour(family, new SplittableRandom(seed + 1));
    }

    private void at(double time, Runnable what) {
        events.add(new Event(time, number++, what));
    }

    /** @param everySeconds between forecasts, which begin after a day */
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
        for (double time = 86_400; time < TargetFamily.SECONDS - 20_000; time += everySeconds) {
            double when = time + random.nextDouble() * everySeconds / 2;
            at(when, () -> foretell(false));
        }
        if (family == TargetFamily.OUTAGES || family == TargetFamily.RECOVERY_STORMS) {
            target.outages.stream()
                    .filter(outage -> outage[0] > 86_400 && outage[0] < TargetFamily.SECONDS - 20_000)
                    .filter(outage -> outage[1] - outage[0] > 300)
                    .forEach(outage -> at(outage[0] + 300, () -> foretell(true)));
        }
        while (!events.isEmpty()) {
            Event event = events.remove();
            now = event.time();
            event.what().run();
        }
        for (Told told : toldOfOne) {
            Change one = told.changes().get(0);
            single.add(told.quantiles(), one.delivered ? one.over - told.at() : Double.POSITIVE_INFINITY);
        }
        for (Told told : toldOfAll) {
            double last = told.changes().stream()
                    .mapToDouble(change -> change.over)
                    .max()
                    .orElseThrow();
            if (told.inOutage()) {
                double actual = last - told.at();
                drainErrors.add(Math.abs(told.quantiles().p50() - actual) / actual);
                bestErrors.add(Math.abs(TargetFamily.leftOfOutage(300) - actual) / actual);
            } else {
                drained.add(told.quantiles(), last - told.at());
            }
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
        int attempt = change.attempts + 1;
        AttemptForecast told = mixture.foretell(AttemptBucket.of(attempt), tracker.regime());
        AttemptEnd end = target.attempt(now, change.key);
        score.add(told, end);
        mixture.learn(told, end);
        note(tracker.attempted(end, millis()));
        if (end == AttemptEnd.OUTAGE) {
            count(told.regime(), attempt, AttemptEnd.SPARED);
            spare(change);
            return;
        }
        if (isDown) {
            recover();
        }
        count(told.regime(), attempt, end);
        change.attempts = attempt;
        if (end == AttemptEnd.DELIVERED || end == AttemptEnd.REFUSED || PLAN.isLast(attempt)) {
            change.over = now;
            change.delivered = end == AttemptEnd.DELIVERED;
            open.remove(change);
        } else {
            change.due = now + PLAN.waitSeconds(attempt) * (0.8 + 0.4 * random.nextDouble());
            at(change.due, () -> ready(change));
        }
    }

    private void spare(Change change) {
        if (!isDown) {
            isDown = true;
            probes = 0;
            note(tracker.down(millis()));
        }
        queue.addFirst(change);
        probes = Math.min(10, probes + 1);
        at(now + Math.min(15, 0.2 * Math.pow(2, probes - 1)), this::probe);
    }

    private void recover() {
        isDown = false;
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
        long pending = open.size() - retrying.size();
        double age = (millis() - tracker.sinceMillis()) / 1000.0;
        TargetLoad standing = new TargetLoad(tracker.regime(), age, pending, retrying, 0, DRAIN_PER_SECOND, 0);
        Forecast forecast = Forecast.of(counts, all, PLAN, standing);
        if (!open.isEmpty()) {
            toldOfAll.add(new Told(now, forecast.drainedSeconds(), List.copyOf(open), inOutage));
        }
        if (!inOutage) {
            double at = now;
            toldOfOne.add(new Told(at, forecast.secondsToConsistency(), List.of(arrive()), false));
        }
    }
}
