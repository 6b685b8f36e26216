package dev.serai.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of several nodes and of what is around them, one after another on the test's thread, in an order that a seed decides.
 * A node that waits lets the events of others go on inside of its own: so it can stand still in the middle of anything.
 */
final class NodeWorld {
    private static final int NESTED_MAX = 3;
    private static final long LATE_MILLIS = 30;
    private static final int AT_ONCE_MAX = 50_000;
    private static final int SCHEDULE_LINES = 400;

    final Random random;
    private final List<NodeTime> nodes = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::dueMillis).thenComparingLong(Event::number));
    private final List<String> schedule = new ArrayList<>();
    private long nowMillis;
    private long number;
    /** The nodes of which a thread holds locks. */
    private final Set<NodeTime> busy = new HashSet<>();

    private int ranAtOnce;
    private long trace = 17;
    private @Nullable Throwable broken;

    private record Event(long dueMillis, long number, Runnable run) {}

    NodeWorld(Random random) {
        this.random = random;
    }

    /** The time of the server, which is right. */
    long nowMillis() {
        return nowMillis;
    }

    void join(NodeTime node) {
        nodes.add(node);
    }

    /** Something around the nodes happens, so much later. */
    void after(long millis, Runnable run) {
        events.add(new Event(nowMillis + millis, number++, run));
    }

    boolean oneOf(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** A line of the schedule, which a failure prints. */
    void note(String what) {
        schedule.add("%9.3f s  %s".formatted(nowMillis / 1000.0, what));
        trace = trace * 31 + what.hashCode() + nowMillis;
    }

    /** The end of the schedule. */
    String schedule() {
        int from = Math.max(0, schedule.size() - SCHEDULE_LINES);
        return String.join("\n", schedule.subList(from, schedule.size()));
    }

    /** The same for two histories in which the same happened. */
    long trace() {
        return trace;
    }

    /** A promise was broken, which a callback would swallow. */
    void fail(Throwable failure) {
        if (broken == null) {
            broken = failure;
            note("BROKEN: " + failure);
        }
    }

    void check(boolean isTrue, String what) {
        if (!isTrue) {
            fail(new AssertionError(what));
        }
    }

    /** Runs one event of a node or around them, or lets some time pass. */
    void step() {
        boolean unused = Thread.interrupted(); // what waited in a process that died leaves it behind
        if (broken != null) {
            throw new AssertionError(broken.getMessage(), broken);
        }
        nodes.removeIf(NodeTime::isDead);
        List<NodeTime> ready = nodes.stream()
                .filter(node -> !busy.contains(node) && node.isReady())
                .toList();
        Event next = events.peek();
        boolean isDue = next != null && next.dueMillis() <= nowMillis;
        int choices = ready.size() + (isDue ? 1 : 0);
        if (choices == 0 || oneOf(20)) {
            advance(choices > 0);
            return;
        }
        if (++ranAtOnce > AT_ONCE_MAX) {
            throw new AssertionError("a loop that takes no time");
        }
        int choice = random.nextInt(choices);
        if (choice < ready.size()) {
            NodeTime node = ready.get(choice);
            try {
                node.runOne();
            } catch (RuntimeException | Error e) {
                if (!node.isDead()) {
                    fail(e);
                }
            }
        } else {
            events.remove();
            next.run().run();
        }
    }

    /** To the next event, or some of that time. */
    private void advance(boolean isLate) {
        long until = nowMillis + LATE_MILLIS;
        if (!isLate) {
            Optional<Long> due = nodes.stream()
                    .filter(node -> !busy.contains(node))
                    .map(NodeTime::nextMillis)
                    .min(Comparator.naturalOrder());
            Event next = events.peek();
            long first = Math.min(due.orElse(Long.MAX_VALUE), next == null ? Long.MAX_VALUE : next.dueMillis());
            until = Math.max(nowMillis + 1, Math.min(first, nowMillis + 500));
        } else {
            until = nowMillis + 1 + random.nextInt((int) LATE_MILLIS);
        }
        nowMillis = until;
        ranAtOnce = 0;
    }

    /** A thread of this node waits for something outside, at times for long. Its node stands still, as its locks may be held. */
    void moment(NodeTime node) {
        if (busy.size() < NESTED_MAX && busy.add(node)) {
            try {
                while (!node.isDead() && (node.isPaused() || oneOf(4))) {
                    step();
                }
            } finally {
                busy.remove(node);
            }
        }
    }

    /** A thread of this node waits until others have done something, and holds locks. */
    void awaitOthers(NodeTime node) {
        boolean isFirst = busy.add(node);
        try {
            do {
                step();
            } while (!node.isDead() && node.isPaused());
        } finally {
            if (isFirst) {
                busy.remove(node);
            }
        }
    }

    /** A thread of this node waits, and holds no locks. */
    void await(NodeTime node) {
        do {
            step();
        } while (!node.isDead() && node.isPaused());
    }
}
