package dev.serai.forecast;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * A change on its way to a target as an absorbing Markov chain. It is in the state (n, r) while it waits for its attempt n and the target
 * is in the regime r; it ends delivered or dead. With Q between the waiting states and R into the ends, the fundamental matrix is
 * N = (I - Q)^-1, and B = N R are the probabilities of the ends (Kemeny and Snell, Finite Markov Chains, 1960, chapter 3).
 *
 * <p>While the target is down there is no attempt: the state (n, down) only leads to (n, r) of the regime r that follows. An attempt
 * that is not counted leads to (n, down). Attempts from the {@value #STATES_MAX}th on have one state.
 *
 * <p>From the states of an attempt a change gets only to those and to the states of the next attempt. So Q consists of small blocks, one
 * on the diagonal and one beside it for each attempt, and N and B are computed block by block.
 *
 * <p>Threads: safe.
 */
public final class DeliveryChain {
    private static final int STATES_MAX = 64;
    private static final int BUDGET_MAX = 200;
    private static final double NOTHING = 1e-9;
    private static final int ROUNDS_MAX = 1_000;

    private final TransitionShares shares;
    private final RegimeModel regimes;
    private final RetryPlan plan;
    private final double askedSeconds;
    private final int attempts;
    /** By the attempt, the block of N in the rows of the first attempt: how often each of its states is visited. */
    private final List<DMatrixRMaj> visits = new ArrayList<>();
    /** By the attempt, its rows of B. */
    private final List<DMatrixRMaj> absorbed = new ArrayList<>();

    /**
     * A chain for one target.
     *
     * @param askedSeconds the mean wait that the target asks for when it limits the rate; 0 if it does not
     */
    public DeliveryChain(TransitionShares shares, RegimeModel regimes, RetryPlan plan, double askedSeconds) {
        this.shares = shares;
        this.regimes = regimes;
        this.plan = plan;
        this.askedSeconds = askedSeconds;
        this.attempts = Math.min(STATES_MAX, plan.attempts());
        List<Block> blocks = new ArrayList<>();
        for (int attempt = 1; attempt <= attempts; attempt++) {
            blocks.add(block(attempt));
        }
        visits.add(blocks.get(0).within());
        for (int i = 1; i < attempts; i++) {
            DMatrixRMaj begun = product(visits.get(i - 1), blocks.get(i - 1).next());
            visits.add(product(begun, blocks.get(i).within()));
        }
        for (int i = attempts - 1; i >= 0; i--) {
            DMatrixRMaj ends = blocks.get(i).ends();
            if (i < attempts - 1) {
                CommonOps_DDRM.addEquals(ends, product(blocks.get(i).next(), absorbed.get(0)));
            }
            absorbed.add(0, product(blocks.get(i).within(), ends));
        }
    }

    /**
     * One attempt, by the regime.
     *
     * @param within how often the states of the attempt are visited by a change that is in one of them
     * @param next the probabilities to get to each state of the next attempt
     * @param ends the probabilities to end delivered or dead
     */
    private record Block(DMatrixRMaj within, DMatrixRMaj next, DMatrixRMaj ends) {}

    private static DMatrixRMaj product(DMatrixRMaj left, DMatrixRMaj right) {
        DMatrixRMaj product = new DMatrixRMaj(left.numRows, right.numCols);
        CommonOps_DDRM.mult(left, right, product);
        return product;
    }

    private double waitSeconds(Regime regime, AttemptBucket bucket, int attempt) {
        double own = plan.waitSeconds(attempt);
        double retry = shares.retry(regime, bucket);
        double throttled = retry == 0 ? 0 : shares.share(regime, bucket, AttemptEnd.THROTTLED) / retry;
        return own + throttled * Math.max(0, askedSeconds - own);
    }

    private Block block(int attempt) {
        DMatrixRMaj same = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
        DMatrixRMaj next = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
        DMatrixRMaj ends = new DMatrixRMaj(Regime.COUNT, 2);
        AttemptBucket bucket = AttemptBucket.of(attempt);
        for (int from = 0; from < Regime.COUNT; from++) {
            Regime regime = Regime.at(from);
            if (regime == Regime.DOWN) {
                for (int to = 0; to < Regime.COUNT; to++) {
                    same.set(from, to, regimes.exit(regime, Regime.at(to)));
                }
                continue;
            }
            double retry = shares.retry(regime, bucket);
            double[] later = regimes.after(waitSeconds(regime, bucket, attempt))[from];
            same.set(from, Regime.DOWN.ordinal(), shares.share(regime, bucket, AttemptEnd.SPARED));
            for (int to = 0; to < Regime.COUNT && !plan.isLast(attempt); to++) {
                (attempt < attempts ? next : same).add(from, to, retry * later[to]);
            }
            ends.set(from, 0, shares.share(regime, bucket, AttemptEnd.DELIVERED));
            ends.set(from, 1, shares.share(regime, bucket, AttemptEnd.REFUSED) + (plan.isLast(attempt) ? retry : 0));
        }
        DMatrixRMaj left = CommonOps_DDRM.identity(Regime.COUNT);
        CommonOps_DDRM.subtractEquals(left, same);
        DMatrixRMaj within = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
        if (!CommonOps_DDRM.invert(left, within)) {
            throw new IllegalStateException("the chain has no end");
        }
        return new Block(within, next, ends);
    }

    /** The probability that a change which waits for this attempt is delivered. */
    public double delivered(int attempt, Regime now) {
        return absorbed.get(Math.min(attempts, attempt) - 1).get(now.ordinal(), 0);
    }

    /** The probability that it becomes a dead letter. */
    public double dead(int attempt, Regime now) {
        return absorbed.get(Math.min(attempts, attempt) - 1).get(now.ordinal(), 1);
    }

    /** How many counted attempts a new change takes on average. */
    public double attempts(Regime now) {
        double sum = 0;
        for (int attempt = 1; attempt <= attempts; attempt++) {
            for (int regime = 0; regime < Regime.COUNT; regime++) {
                sum += visits(now, attempt, regime) * counted(attempt, regime);
            }
        }
        return sum;
    }

    private double visits(Regime now, int attempt, int regime) {
        return visits.get(attempt - 1).get(now.ordinal(), regime);
    }

    private double counted(int attempt, int regime) {
        return Regime.at(regime) == Regime.DOWN
                ? 0
                : 1 - shares.share(Regime.at(regime), AttemptBucket.of(attempt), AttemptEnd.SPARED);
    }

    /**
     * The fewest attempts after the first with which a new change is delivered with this probability; empty if {@value #BUDGET_MAX} are
     * not enough, for example because the target refuses more.
     */
    public OptionalInt budget(double probability, Regime now) {
        double[] present = new double[Regime.COUNT];
        present[now.ordinal()] = 1;
        double delivered = 0;
        for (int attempt = 1; attempt <= BUDGET_MAX; attempt++) {
            AttemptBucket bucket = AttemptBucket.of(attempt);
            double[] made = made(present, bucket);
            double[] next = new double[Regime.COUNT];
            for (int from = 0; from < Regime.COUNT; from++) {
                Regime regime = Regime.at(from);
                delivered += made[from] * shares.share(regime, bucket, AttemptEnd.DELIVERED);
                double[] later = regimes.after(waitSeconds(regime, bucket, attempt))[from];
                for (int to = 0; to < Regime.COUNT; to++) {
                    next[to] += made[from] * shares.retry(regime, bucket) * later[to];
                }
            }
            if (delivered >= probability) {
                return OptionalInt.of(attempt - 1);
            }
            present = next;
        }
        return OptionalInt.empty();
    }

    /** How often the attempt is made in each regime, those included that are not counted, if it begins in these. */
    private double[] made(double[] present, AttemptBucket bucket) {
        double[] made = new double[Regime.COUNT];
        double[] here = present.clone();
        double left = 1;
        for (int round = 0; left > NOTHING && round < ROUNDS_MAX; round++) {
            double down = here[Regime.DOWN.ordinal()];
            here[Regime.DOWN.ordinal()] = 0;
            double spared = 0;
            for (int i = 0; i < Regime.COUNT; i++) {
                Regime regime = Regime.at(i);
                here[i] += regime == Regime.DOWN ? 0 : down * regimes.exit(Regime.DOWN, regime);
                made[i] += here[i];
                spared += here[i] * shares.share(regime, bucket, AttemptEnd.SPARED);
                here[i] = 0;
            }
            here[Regime.DOWN.ordinal()] = spared;
            left = spared;
        }
        return made;
    }

    /** The names of the states of {@link #matrix}: the attempt numbers that count together, delivered, dead. */
    public List<String> states() {
        List<String> states = new ArrayList<>();
        for (int bucket = 0; bucket <= AttemptBucket.of(attempts).ordinal(); bucket++) {
            states.add(AttemptBucket.at(bucket).label());
        }
        states.add("delivered");
        states.add("dead");
        return states;
    }

    /**
     * The chain of a new change as people see it: states of the same attempt numbers are one, weighted by how often they are visited, so
     * that its probabilities of the ends are the same.
     *
     * @return a row for each state, which sums to 1
     */
    public double[][] matrix(Regime now) {
        int buckets = AttemptBucket.of(attempts).ordinal() + 1;
        double[][] rows = new double[buckets + 2][buckets + 2];
        for (int attempt = 1; attempt <= attempts; attempt++) {
            AttemptBucket bucket = AttemptBucket.of(attempt);
            int next = AttemptBucket.of(Math.min(attempts, attempt + 1)).ordinal();
            double[] row = rows[bucket.ordinal()];
            for (int r = 0; r < Regime.COUNT; r++) {
                Regime regime = Regime.at(r);
                if (regime != Regime.DOWN) {
                    double visits = visits(now, attempt, r);
                    double retry = visits * shares.retry(regime, bucket);
                    row[buckets] += visits * shares.share(regime, bucket, AttemptEnd.DELIVERED);
                    row[buckets + 1] += visits * shares.share(regime, bucket, AttemptEnd.REFUSED);
                    row[plan.isLast(attempt) ? buckets + 1 : next] += retry;
                }
            }
        }
        for (int bucket = 0; bucket < buckets; bucket++) {
            double sum = 0;
            for (double weight : rows[bucket]) {
                sum += weight;
            }
            for (int to = 0; to < rows[bucket].length; to++) {
                rows[bucket][to] = sum == 0 ? 0 : rows[bucket][to] / sum;
            }
        }
        rows[buckets][buckets] = 1;
        rows[buckets + 1][buckets + 1] = 1;
        return rows;
    }
}
