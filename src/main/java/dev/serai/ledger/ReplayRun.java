package dev.serai.ledger;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.write.WorkWrite;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replay of dead letters: makes some due at each tick, as many as its rate allows, and watches how they end. It waits
 * while too many of them have no outcome, and stops by itself if the first {@value #TRIAL} fail again with the cause that they
 * died of. It takes each dead letter once, and none of changes that were accepted after it began.
 *
 * <p>Threads: safe; one tick runs at a time.
 */
final class ReplayRun implements BegunReplay {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);
    private static final int TRIAL = 10;
    private static final int TICK_MILLIS = 100;
    private static final int OPEN_MAX = 1_000;
    private static final int AHEAD = 500;
    private static final int PAGES_MAX = 20; // in one tick, if nothing in them matches
    /** The outcomes of more are looked for less often, and so they are while nothing is moved. */
    private static final int OFTEN_MAX = 100;

    private static final int IDLE_TICKS = 10;

    private final ShardMap shards;
    private final LedgerSettings settings;
    private final boolean continued;
    private final CompletableFuture<Integer> allMoved = new CompletableFuture<>();
    private final CompletableFuture<ActionEnd> actionEnd = new CompletableFuture<>();
    /** Moved, and without an outcome yet. */
    private final Deque<Moved> open = new ArrayDeque<>();

    private Replay state;
    /** What is moved next; null when all is read. */
    private @Nullable StandingPage ahead;

    private @Nullable Replay saved;
    private CompletableFuture<Replay> lastSave = new CompletableFuture<>();
    private int ticks;
    private @Nullable StandingWalk walk;
    private boolean interrupted;
    /** The move that is not counted yet. */
    private volatile CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
    /** One of them was settled, or failed for another reason than before. */
    private boolean trusted;

    private int failedAsBefore;
    private int movedNow;
    private double allowed = 1;
    private long lastTickMillis;

    /** @param cause that it died of */
    private record Moved(Shard shard, TargetName target, long sequence, long cause) {}

    /** @param continued whether it ran before, until it was stopped or the process ended */
    ReplayRun(Replay state, boolean continued, ShardMap shards, LedgerSettings settings) {
        this.continued = continued;
        this.state = state;
        this.shards = shards;
        this.settings = settings;
        this.ahead = new StandingPage(shards.first(), new TargetName("", ""), List.of());
        this.lastTickMillis = settings.clock().monotonicMillis();
    }

    void start() {
        save();
        schedule(0);
    }

    @Override
    public synchronized Replay state() {
        return state;
    }

    @Override
    public CompletableFuture<Integer> allMoved() {
        return allMoved;
    }

    @Override
    public CompletableFuture<ActionEnd> actionEnd() {
        return actionEnd;
    }

    synchronized boolean isOver() {
        return state.endedAt() != null;
    }

    synchronized void interrupt() {
        interrupted = true;
        allMoved.complete((int) state.moved());
    }

    synchronized void stop(String reason) {
        if (!isOver()) {
            end(ReplayState.STOPPED, reason);
        }
    }

    /** Returns when nothing more is moved after a stop, and all that was moved is counted. */
    void awaitQuiet() {
        underWay.join();
    }

    private void schedule(int millis) {
        settings.scheduler().schedule(this::tick, millis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        CompletableFuture<List<Standing>> moving = null;
        StandingPage page = null;
        synchronized (this) {
            if (interrupted || isOver()) {
                return;
            }
            try {
                ticks++;
                if (open.size() <= OFTEN_MAX || ticks % IDLE_TICKS == 0) {
                    watch();
                }
                page = isOver() || state.state() == ReplayState.SETTLING ? null : nextPage();
            } catch (RuntimeException e) {
                LOG.warn("Replay {} cannot read the ledger, trying again: {}", state.id(), e.toString());
            }
            if (page != null && !page.found().isEmpty()) {
                moving = LetterMove.REPLAY.move(page);
                underWay = new CompletableFuture<>();
            }
            save();
        }
        if (moving == null || page == null) {
            schedule(page != null || state().state() == ReplayState.RUNNING ? TICK_MILLIS : IDLE_TICKS * TICK_MILLIS);
            return;
        }
        StandingPage from = page;
        moving.whenComplete((moved, failure) -> {
            try {
                note(from, moved == null ? List.of() : moved);
                if (failure != null) {
                    LOG.warn(
                            "Replay {} left dead letters out that could not be moved: {}",
                            state().id(),
                            failure.toString());
                }
            } finally {
                underWay.complete(null);
                schedule(TICK_MILLIS);
            }
        });
    }

    /** What may be moved now; null if nothing may. Notes that all are moved when there is nothing left. */
    private @Nullable StandingPage nextPage() {
        long now = settings.clock().monotonicMillis();
        allowed = Math.min(Math.max(1, state.rate()), allowed + state.rate() * (now - lastTickMillis) / 1000.0);
        lastTickMillis = now;
        StandingWalk reads = walk == null ? newWalk() : walk;
        walk = reads;
        for (int pages = 0; pages < PAGES_MAX && ahead != null && ahead.found().isEmpty(); pages++) {
            ahead = reads.next(AHEAD);
        }
        StandingPage from = ahead;
        if (from == null) {
            state = state.with(ReplayState.SETTLING, null, null);
            completeMove();
            watchEnd();
            return null;
        }
        int most = Math.min((int) allowed, OPEN_MAX - open.size());
        if (!trusted) {
            most = Math.min(most, TRIAL - movedNow);
        }
        most = Math.min(most, from.found().size());
        if (most <= 0) {
            return null;
        }
        ahead = new StandingPage(
                from.shard(),
                from.target(),
                from.found().subList(most, from.found().size()));
        return new StandingPage(from.shard(), from.target(), from.found().subList(0, most));
    }

    private StandingWalk newWalk() {
        return new StandingWalk(shards, continued ? rest(state) : state.filter(), DeliveryState.DEAD);
    }

    /** What a replay that goes on takes: nothing that was given up since it began, since that may have been replayed before. */
    static DeliveryFilter rest(Replay state) {
        return state.filter().before(state.startedAt().plusMillis(1));
    }

    private synchronized void note(StandingPage page, List<Standing> moved) {
        for (Standing one : moved) {
            Delivery died = one.delivery();
            String error = died.error() == null ? "" : died.error();
            long cause = Cause.of(died.status(), error).hash();
            open.add(new Moved(page.shard(), page.target(), one.entry().sequence(), cause));
        }
        allowed -= moved.size();
        movedNow += moved.size();
        state = state.plus(moved.size(), 0, 0);
        save();
    }

    // ---- Outcomes

    private void watch() {
        for (Moved one : List.copyOf(open)) {
            Delivery now = stored(one);
            if (now == null || !now.state().isHeld() && now.state() != DeliveryState.DEAD) {
                trusted = true;
                open.remove(one);
                state = state.plus(0, 1, 0);
            } else if (now.state() == DeliveryState.DEAD || now.error() != null) {
                open.remove(one);
                state = state.plus(0, 0, 1);
                failed(Cause.of(now.status(), now.error() == null ? "" : now.error()), one);
                if (isOver()) {
                    return;
                }
            }
        }
        watchEnd();
    }

    private void failed(Cause cause, Moved one) {
        boolean asBefore = cause.hash() == one.cause();
        failedAsBefore += asBefore ? 1 : 0;
        trusted |= !asBefore;
        if (!trusted && failedAsBefore >= TRIAL) {
            end(ReplayState.STOPPED, "the first " + TRIAL + " failed again as before: " + cause.text());
        }
    }

    private void watchEnd() {
        if (state.state() == ReplayState.SETTLING && open.isEmpty()) {
            end(ReplayState.ENDED, null);
        }
    }

    private static @Nullable Delivery stored(Moved one) {
        return one.shard().store().deliveries(one.sequence()).stream()
                .filter(delivery -> delivery.target().equals(one.target()))
                .findFirst()
                .orElse(null);
    }

    // ---- State

    private void end(ReplayState how, @Nullable String reason) {
        state = state.with(how, shards.first().clock().instant(), reason);
        if (reason != null) {
            LOG.warn("Replay {} stopped after {} of {}: {}", state.id(), state.moved(), state.matched(), reason);
        }
        completeMove();
        save();
    }

    private void completeMove() {
        actionEnd.complete(BegunReplay.end(state));
        allMoved.complete((int) state.moved());
    }

    private synchronized void save() {
        Replay now = state;
        if (now != saved) {
            saved = now;
            WorkWrite<Replay> write = new WorkWrite<>(now.endedAt() != null, transaction -> {
                transaction.replay(now);
                return now;
            });
            shards.first().writer().submit(write);
            lastSave = write.done();
        }
    }

    synchronized CompletableFuture<Replay> stored() {
        return lastSave;
    }
}
