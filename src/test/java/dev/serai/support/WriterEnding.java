package dev.serai.support;

import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Blame;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.jspecify.annotations.Nullable;

/** A route step that ends the ledger's writer thread with an Error. */
public final class WriterEnding {
    public static final String REASON = "made to end the writer";

    @Handler
    public void end(Exchange exchange) {
        Ledger ledger = exchange.getContext()
                .getComponent("ledger", LedgerComponent.class)
                .ledger();
        TargetOptions options = TargetOptions.of(1, RedeliveryPolicy.DEFAULT, false, false);
        ledger.subscribe(new TargetName("ending", "t"), options, (changes, done) -> {}, new BrokenCircuit())
                .start();
        acceptUntilTheEnd(ledger, "ending");
    }

    /** The first changes may be read by a thread of the scheduler, which survives the circuit's error; later ones are not. */
    public static void acceptUntilTheEnd(Ledger ledger, String flow) {
        for (int i = 0; i < 1_000 && !ledger.writerEnd().isDone(); i++) {
            Change change =
                    new Change(flow, "fatal-" + i, "k" + i, null, Operation.UPSERT, null, Map.of(), new byte[0]);
            ledger.accept(change).handle((receipt, failure) -> receipt).join();
        }
    }

    /** A circuit that is called on the writer's thread. */
    public static final class BrokenCircuit implements Circuit {
        @Override
        public boolean tryAcquire() {
            throw new StackOverflowError(REASON);
        }

        @Override
        public void release() {}

        @Override
        public long nextNumber() {
            return 1;
        }

        @Override
        public Blame record(Outcome outcome, long keyHash, long sent) {
            return Blame.CHANGE;
        }

        @Override
        public void open(Outcome last, Instant since) {}

        @Override
        public void probeNow() {}

        @Override
        public boolean hasSucceeded(long keyHash) {
            return false;
        }

        @Override
        public boolean hasSucceeded() {
            return false;
        }

        @Override
        public boolean hasFailed(long keyHash) {
            return false;
        }

        @Override
        public CircuitState state() {
            return CircuitState.CLOSED;
        }

        @Override
        public @Nullable Trouble trouble() {
            return null;
        }

        @Override
        public Duration untilProbe() {
            return Duration.ZERO;
        }
    }
}
