package dev.serai.store.jdbc;

import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store.CauseCount;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the deliveries of a target that have not ended well, and why. */
public final class StandingRead {
    private final Session session;
    private final TargetName target;

    public StandingRead(Session session, TargetName target) {
        this.session = session;
        this.target = target;
    }

    public List<Standing> list(DeliveryState state, @Nullable Long cause, long after, int limit) {
        if (state == DeliveryState.PENDING) {
            return cause == null ? pending(after, limit) : List.of();
        }
        if (cause != null) {
            return rows("standingOfCause", Rows.code(state), cause, after, limit);
        }
        return switch (state) {
            case WAITING -> rows("standingWaiting", after, limit);
            case PARKED -> rows("standingParked", after, limit);
            case DEAD -> rows("standingDead", after, limit);
            default -> throw new IllegalArgumentException(state + " is not listed");
        };
    }

    private List<Standing> rows(String statement, Object... rest) {
        Object[] parameters = new Object[rest.length + 2];
        parameters[0] = target.flow();
        parameters[1] = target.target();
        System.arraycopy(rest, 0, parameters, 2, rest.length);
        return session.list(statement, row -> Rows.standing(target, row), parameters);
    }

    private List<Standing> pending(long after, int limit) {
        List<Standing> found = new ArrayList<>();
        for (Entry entry : session.list("standingPending", Rows::head, target.flow(), target.target(), after, limit)) {
            found.add(new Standing(entry, new Delivery(target, DeliveryState.PENDING, 0, null, null, null, null), 0));
        }
        return found;
    }

    /**
     * The changes up to the target's position, with their bodies.
     *
     * @param noted takes each as it was read, and returns it
     */
    public List<Standing> passed(UnaryOperator<Entry> noted, long after, int limit, long bytesMax) {
        List<Standing> found = new ArrayList<>();
        long[] bytes = new long[1];
        session.each(
                "passed",
                row -> {
                    Entry entry = noted.apply(Rows.entry(row, session.bodies()));
                    found.add(new Standing(entry, Rows.delivery(target, row), row.getLong("key_hash")));
                    bytes[0] += entry.change().memoryBytes();
                    return bytes[0] <= bytesMax;
                },
                target.flow(),
                target.target(),
                after,
                limit);
        return found;
    }

    public List<CauseCount> causes(DeliveryState state, Instant since) {
        List<CauseCount> found = new ArrayList<>();
        List<CauseCount> counted = session.list(
                "causes",
                row -> new CauseCount(
                        target,
                        state,
                        row.getLong("cause"),
                        row.getLong("count"),
                        row.getLong("recent"),
                        row.getLong("keys"),
                        Instant.ofEpochMilli(row.getLong("first_at")),
                        Instant.ofEpochMilli(row.getLong("last_at")),
                        row.getLong("example"),
                        null,
                        ""),
                since.toEpochMilli(),
                target.flow(),
                target.target(),
                Rows.code(state));
        for (CauseCount one : counted) {
            Delivery example = session.first(
                    "failure", row -> Rows.failure(target, state, row), one.example(), target.flow(), target.target());
            if (example != null && example.error() != null) { // else it has moved on since
                found.add(new CauseCount(
                        target,
                        state,
                        one.cause(),
                        one.count(),
                        one.recent(),
                        one.keys(),
                        one.first(),
                        one.last(),
                        one.example(),
                        example.status(),
                        example.error()));
            }
        }
        return found;
    }
}
