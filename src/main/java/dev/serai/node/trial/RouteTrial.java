package dev.serai.node.trial;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.http.ProblemReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.LedgerConsumer;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.http.Problem;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.TargetName;
import dev.serai.node.FurtherMistakes;
import dev.serai.node.Rehearsal;
import dev.serai.node.RouteFiles;
import dev.serai.node.RunOptions;
import dev.serai.node.StartFailure;
import dev.serai.node.route.RouteModel;
import dev.serai.text.BodyMask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListener;
import org.apache.camel.main.MainListenerSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs single messages through the routes of some files. Nothing is received, stored or sent: routes begin where the trial puts a
 * message, and steps that would reach outside are noted instead.
 *
 * <p>Threads: one thread.
 */
public final class RouteTrial implements AutoCloseable {
    private static final int CAUSES_MAX = 16;

    private final RunOptions options;
    private final Rehearsal rehearsal;
    private final TrialRoutes routes = new TrialRoutes();
    private final TrialClock clock;

    /** @param now what routes take for the time */
    public RouteTrial(RunOptions options, Instant now) throws IOException {
        this.options = options;
        this.rehearsal = new Rehearsal(options, true);
        this.clock = new TrialClock(now);
    }

    /** Once; {@link #explain} has the words for what it throws. */
    public void load() throws Exception {
        List<Path> files = RouteFiles.find(options);
        MainListener listener = new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
                CamelContext context = main.getCamelContext();
                RouteModel.model(context).addModelLifecycleStrategy(routes);
                context.getCamelContextExtension().addInterceptStrategy(new TrialSteps());
                clock.in(context);
            }

            @Override
            public void afterConfigure(BaseMainSupport main) {
                main.getCamelContext().getRegistry().bind("jqFunctions", Scope.class, clock::jqFunctions);
            }
        };
        rehearsal.startForTrial(files, listener, clock.simple());
        routes.read(rehearsal.context());
    }

    /** Hides what must not be shown; once it is loaded. */
    public TrialMask mask() {
        return new TrialMask(
                Objects.requireNonNull(rehearsal.context().getRegistry().findSingleByType(BodyMask.class)));
    }

    /** One line for each mistake in the files. */
    public List<String> explain(Throwable failure) {
        StartFailure known = StartFailure.of(
                failure, rehearsal.node() == null ? null : rehearsal.node().context());
        return FurtherMistakes.after(known, options, RouteFiles.findAny(options));
    }

    public void setNow(Instant now) {
        clock.set(now);
    }

    // ---- Routes

    public List<TrialRoute> routes() {
        return routes.all();
    }

    public Set<String> flows() {
        return routes.flows();
    }

    public @Nullable TrialRoute byId(String id) {
        return routes.byId(id);
    }

    /** The route of the target {@code FLOW/TARGET}. */
    public @Nullable TrialRoute byTarget(String name) {
        return routes.byTarget(name);
    }

    /** The routes that bring something from outside into the flow. */
    public List<TrialRoute> sourcesOf(String flow) {
        return routes.sourcesOf(flow);
    }

    public List<TrialRoute> targetsOf(String flow) {
        return routes.targetsOf(flow);
    }

    // ---- Running them

    /** Runs a message through a route that is no target's; what its source would verify counts as verified. */
    public TrialResult run(TrialRoute route, Map<String, String> headers, byte[] body) {
        Exchange exchange = rehearsal.context().getEndpoint(route.entry()).createExchange();
        exchange.getMessage().setBody(route.isBatch() ? records(body) : body);
        headers.forEach(exchange.getMessage()::setHeader);
        TrialRecord record = send(route, exchange);
        Throwable failure = ProblemReader.failure(exchange);
        TrialFailure reason = failure == null ? null : refusal(failure, body, record);
        boolean isEmpty = record.changes().isEmpty() && record.requests().isEmpty();
        return result(route, record, reason == null && isEmpty, reason);
    }

    /** Lists of records come from sources that pull. */
    private static List<JsonNode> records(byte[] body) {
        JsonNode json = MessageView.json(body);
        List<JsonNode> records = new ArrayList<>();
        if (json.isArray()) {
            json.forEach(records::add);
        } else {
            records.add(json);
        }
        return records;
    }

    private static TrialFailure refusal(Throwable failure, byte[] body, TrialRecord record) {
        Problem problem = new ProblemReader().known(failure, body);
        int status = problem == null ? 500 : problem.status();
        return new TrialFailure(
                problem == null ? reason(failure) : problem.detail(),
                record.placeOf(failure),
                status,
                "nothing is stored from here on; a sender by HTTP is answered " + status);
    }

    /** Runs a change through its target's route, as at the first attempt to deliver it. */
    public TrialResult deliver(TrialRoute route, TriedChange change) {
        TargetName target =
                new TargetName(Objects.requireNonNull(route.flow()), Objects.requireNonNull(route.target()));
        Change stored = new Change(
                target.flow(),
                change.id(),
                change.key(),
                change.version(),
                Operation.valueOf(change.operation().toUpperCase(Locale.ROOT)),
                change.contentType(),
                change.headers(),
                change.body());
        Exchange exchange = rehearsal.context().getEndpoint(route.entry()).createExchange();
        LedgerConsumer.fill(
                exchange, target, route.batchSize(), List.of(new Sending(new Entry(1, clock.now(), stored), 1, false)));
        TrialRecord record = send(route, exchange);
        Outcome outcome = new OutcomeReader(clock::now).of(exchange);
        Throwable failure = ProblemReader.failure(exchange);
        return result(
                route,
                record,
                outcome instanceof Outcome.Filtered,
                failure == null && outcome.isEnd() ? null : undelivered(outcome, failure, record));
    }

    private static TrialFailure undelivered(Outcome outcome, @Nullable Throwable failure, TrialRecord record) {
        boolean isDead = outcome instanceof Outcome.Refused || outcome instanceof Outcome.Gone;
        Integer status = outcome instanceof Outcome.Refused refused ? refused.status() : null;
        String error = outcome.error();
        return new TrialFailure(
                error != null ? error : failure == null ? "the delivery was interrupted" : reason(failure),
                failure == null ? null : record.placeOf(failure),
                status == null ? 0 : status,
                isDead ? "the change becomes a dead letter" : "the change is tried again later");
    }

    private TrialRecord send(TrialRoute route, Exchange exchange) {
        TrialRecord record = new TrialRecord();
        record.follow(exchange);
        clock.tell(exchange);
        CamelContext context = rehearsal.context();
        try (ProducerTemplate template = context.createProducerTemplate()) {
            template.send(context.getEndpoint(route.entry()), exchange);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return record;
    }

    private static TrialResult result(
            TrialRoute route, TrialRecord record, boolean filtered, @Nullable TrialFailure failure) {
        List<TriedRequest> requests = record.requests();
        return new TrialResult(route, record.steps(), record.changes(), requests, filtered, failure);
    }

    /** The root of a failure in one line. */
    static String reason(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < CAUSES_MAX && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return FailureText.of(root);
    }

    /** The header in which a source says what a message is known by. */
    public static String idHeader() {
        return LedgerConstants.ID;
    }

    @Override
    public void close() {
        rehearsal.close();
    }
}
