package dev.serai.camel.ledger;

import dev.serai.camel.AttemptTranscript;
import dev.serai.camel.DeliveryThreads;
import dev.serai.camel.NonBlockingRoute;
import dev.serai.camel.StopDeadline;
import dev.serai.camel.trace.TracedTarget;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Reply;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.trace.Tracing;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the route for each change of a target, and reports the outcome to the ledger.
 *
 * <p>A route that works asynchronously holds no thread while it waits for its target.
 */
public final class LedgerConsumer extends DefaultConsumer implements Suspendable, Target {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerConsumer.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final LedgerEndpoint endpoint;
    private final TargetName target;
    private final TargetOptions options;
    private final OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
    private final TargetCircuit circuit;
    private final OpenOffers holds = new OpenOffers();
    private @Nullable Subscription subscription;
    private volatile @Nullable DeliveryThreads threads;
    /** Looked at with the first delivery, when all routes have started. */
    private volatile @Nullable NonBlockingRoute nonBlocking;

    /** Subscribes at once, before any source starts, so that the target misses nothing. */
    LedgerConsumer(LedgerEndpoint endpoint, Processor processor, TargetName target, TargetOptions options) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.target = target;
        this.options = options;
        this.circuit = endpoint.getConsumerOptions().circuit();
        this.subscription = subscribe();
        setHealthCheck(new TargetHealthCheck(target, circuit));
    }

    private Subscription subscribe() {
        Tracing tracing = Tracing.of(endpoint.getCamelContext());
        Target receiver = tracing == null ? this : new TracedTarget(target, this, tracing);
        return endpoint.ledger().subscribe(target, options, receiver, circuit);
    }

    public TargetName target() {
        return target;
    }

    public TargetOptions options() {
        return options;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        nonBlocking = null;
        threads = new DeliveryThreads(target.toString(), options.concurrency());
        if (subscription == null) {
            subscription = subscribe();
        }
        holds.open(subscription::mayDeliver);
        subscription.start();
    }

    @Override
    protected void doSuspend() {
        if (subscription != null) {
            subscription.suspend();
        }
        holds.close();
    }

    @Override
    protected void doResume() {
        if (subscription != null) {
            holds.open(subscription::mayDeliver);
            subscription.resume();
        }
    }

    @Override
    protected void doStop() throws Exception {
        holds.close();
        if (subscription != null
                && !subscription.close(
                        StopDeadline.of(endpoint.getCamelContext()).limit(STOP_TIMEOUT))) {
            LOG.warn(
                    "{} was still busy at the end of its time to stop; what was under way will be delivered again",
                    target);
        }
        subscription = null;
        DeliveryThreads running = threads;
        if (running != null) {
            running.close();
            threads = null;
        }
        super.doStop();
    }

    @Override
    public void deliver(List<Sending> changes, Consumer<Outcome> done) {
        DeliveryThreads running = threads;
        if (running == null) {
            done.accept(new Outcome.Interrupted());
            return;
        }
        Executor loop = eventLoop();
        if (loop != null) {
            try {
                loop.execute(() -> run(running, true, changes, done));
                return;
            } catch (RejectedExecutionException e) {
                LOG.debug("The sink of {} has stopped", target, e);
            }
        }
        running.execute(sequence(changes), () -> run(running, false, changes, done));
    }

    /** Where the whole route can run, if it never blocks. */
    private @Nullable Executor eventLoop() {
        NonBlockingRoute known = nonBlocking;
        if (known == null) {
            known = new NonBlockingRoute(endpoint.getCamelContext(), getRoute());
            nonBlocking = known;
        }
        return known.eventLoop();
    }

    private static long sequence(List<Sending> changes) {
        return changes.get(0).entry().sequence();
    }

    @Override
    public boolean hasDeadline(List<Sending> changes) {
        return !holds.isOffered(sequence(changes));
    }

    /** Only what waits without a thread ends without harm: to interrupt a thread may break what its step shares with others. */
    @Override
    public boolean recall(List<Sending> changes) {
        DeliveryThreads running = threads;
        return running != null && running.endWait(sequence(changes));
    }

    @Override
    public void endWaits() {
        holds.giveBack();
    }

    @Override
    public void abandon(List<Sending> changes) {
        DeliveryThreads running = threads;
        if (running != null) {
            running.abandon(sequence(changes));
        }
    }

    private void run(DeliveryThreads running, boolean onLoop, List<Sending> changes, Consumer<Outcome> done) {
        try {
            if (onLoop && running.isClosed()) {
                done.accept(new Outcome.Interrupted());
            } else {
                process(running, onLoop, changes, done);
            }
        } catch (RuntimeException | Error e) { // without an outcome the delivery would stay under way for ever
            LOG.error("A delivery to {} failed before its route had an outcome", target, e);
            done.accept(outcomes.of(e));
        }
    }

    private void process(DeliveryThreads running, boolean onLoop, List<Sending> changes, Consumer<Outcome> done) {
        for (Sending sending : changes) {
            String broken = sending.entry().change().headers().get(BrokenRecord.HEADER);
            if (broken != null) { // in a batch it is soon alone
                done.accept(Outcome.Refused.unsent(broken));
                return;
            }
        }
        Exchange exchange = createExchange(false);
        holds.offer(exchange);
        if (onLoop) {
            running.runsAnywhere(exchange, sequence(changes));
        } else {
            running.runs(exchange, sequence(changes));
        }
        fill(exchange, target, options.batchSize(), changes);
        getAsyncProcessor().process(exchange, sync -> end(exchange, changes, done));
    }

    private void end(Exchange exchange, List<Sending> changes, Consumer<Outcome> done) {
        Outcome outcome = new Outcome.Failed(null, "its outcome cannot be read, see the log", null, false);
        try {
            outcome = isRejectedByStop(exchange) ? new Outcome.Interrupted() : outcomes.of(exchange);
            outcome = AttemptTranscript.addTo(withReply(outcome, changes, exchange), exchange);
            releaseExchange(exchange, false);
        } catch (RuntimeException | Error e) {
            LOG.error("The outcome of a delivery to {} or the reply cannot be read", target, e);
        } finally { // without an outcome the delivery would stay under way until its deadline
            done.accept(outcome);
        }
    }

    /** Camel takes an exchange no further once a part of its route has stopped. */
    private boolean isRejectedByStop(Exchange exchange) {
        return exchange.getException() instanceof RejectedExecutionException
                && (isSuspendingOrSuspended() || isStoppingOrStopped());
    }

    /** What the target answered is kept only if somebody waits for it, and if the route left it in the body. */
    private Outcome withReply(Outcome outcome, List<Sending> changes, Exchange exchange) {
        Entry entry = changes.get(0).entry();
        if (!(outcome instanceof Outcome.Delivered delivered)
                || changes.size() > 1
                || !endpoint.ledger().isAwaited(entry.sequence())) {
            return outcome;
        }
        Message message = exchange.getMessage();
        byte[] body = message.getBody() == entry.change().body() ? null : message.getBody(byte[].class);
        if (body == null) {
            return outcome;
        }
        Reply reply = new Reply(message.getHeader(Exchange.CONTENT_TYPE, String.class), body);
        return new Outcome.Delivered(delivered.status(), reply, delivered.confirmed());
    }

    /** Makes a delivery of an exchange: the change, or as other batching consumers do, a list of exchanges. */
    public static void fill(Exchange exchange, TargetName target, int batchSize, List<Sending> changes) {
        Message message = exchange.getMessage();
        if (batchSize == 1) {
            fill(message, target, changes.get(0));
            return;
        }
        List<Exchange> batch = new ArrayList<>(changes.size());
        for (Sending sending : changes) {
            Exchange one = new DefaultExchange(exchange.getContext());
            fill(one.getMessage(), target, sending);
            batch.add(one);
        }
        message.setBody(batch);
        message.setHeader(LedgerConstants.FLOW, target.flow());
        message.setHeader(LedgerConstants.TARGET, target.target());
        message.setHeader(LedgerConstants.BATCH_SIZE, batch.size());
    }

    private static void fill(Message message, TargetName target, Sending sending) {
        Entry entry = sending.entry();
        Change change = entry.change();
        message.setBody(change.body());
        for (Map.Entry<String, String> header : change.passedHeaders().entrySet()) {
            message.setHeader(header.getKey(), header.getValue());
        }
        if (change.contentType() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, change.contentType());
        }
        message.setHeader(LedgerConstants.FLOW, change.flow());
        message.setHeader(LedgerConstants.TARGET, target.target());
        message.setHeader(LedgerConstants.SEQUENCE, entry.sequence());
        message.setHeader(LedgerConstants.ID, change.id());
        message.setHeader(LedgerConstants.KEY, change.key());
        if (change.version() != null) {
            message.setHeader(LedgerConstants.VERSION, change.version());
        }
        message.setHeader(LedgerConstants.OPERATION, change.operation().name().toLowerCase(Locale.ROOT));
        message.setHeader(LedgerConstants.ATTEMPT, sending.attempt());
        message.setHeader(LedgerConstants.MAY_HAVE_ARRIVED, sending.mayHaveArrived());
        message.setHeader(LedgerConstants.ACCEPTED_AT, entry.acceptedAt().toString());
    }
}
