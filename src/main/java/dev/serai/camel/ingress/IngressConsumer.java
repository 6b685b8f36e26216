package dev.serai.camel.ingress;

import static java.util.Objects.requireNonNull;

import dev.serai.camel.EventLoopRoute;
import dev.serai.camel.NonBlockingRoute;
import dev.serai.camel.PushStatus;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.http.AdmissionShare;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.HttpAnswerWriter;
import dev.serai.camel.http.InboundHeaders;
import dev.serai.camel.http.MessageHeaders;
import dev.serai.camel.http.PathTable;
import dev.serai.camel.http.ProblemReader;
import dev.serai.camel.http.PushCount;
import dev.serai.camel.http.RequestHeaders;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.trace.RequestSpan;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.http.TrustedProxies;
import dev.serai.trace.Tracing;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Serves one path: receives a request on its event loop, runs the route, and answers on the event loop. The route runs on a
 * worker unless it never blocks and the body is small; then it runs on the event loop.
 *
 * <p>While suspended or draining it refuses new requests with 503; earlier ones are answered.
 */
public class IngressConsumer extends DefaultConsumer implements Suspendable, ShutdownAware {

    /** To read the JSON of a larger one holds up the other connections of the loop. */
    private static final int LOOP_BYTES_MAX = 64 * 1024;

    private final IngressComponent component;
    private @Nullable PathTable mounts;
    private @Nullable AdmissionShare share;
    private RouteWorkers.@Nullable PathWorkers workers;
    /** Looked at with the first request, when all routes have started. */
    private volatile @Nullable NonBlockingRoute route;

    private @Nullable Tracing tracing;

    private final InboundHeaders inbound;
    private final HttpAnswerWriter answers = new HttpAnswerWriter(new ProblemReader());
    private final AtomicInteger open = new AtomicInteger();
    private final PushStatus status;
    private final Handler<HttpServerRequest> handler = this::arrived;
    private final String path;
    private final int bodyBytesMax;
    private final long bodyTimeoutMillis;
    private final IngressRefusal refusal;
    private final @Nullable ClientCertificates certificates;
    private final RequestRate rate;
    private TrustedProxies proxies = TrustedProxies.NONE;

    IngressConsumer(IngressEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.component = endpoint.getComponent();
        this.status = SourceRegistry.of(endpoint.getCamelContext()).newPush("push");
        this.path = endpoint.getPath();
        this.inbound = endpoint.inboundHeaders();
        this.bodyBytesMax = component.getMaxBodyBytes();
        this.bodyTimeoutMillis = endpoint.getBodyTimeout();
        this.refusal = new IngressRefusal(status, bodyBytesMax, bodyTimeoutMillis);
        this.certificates = endpoint.clientCertificates();
        this.rate = endpoint.requestRate();
    }

    @Override
    public IngressEndpoint getEndpoint() {
        return (IngressEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        FlowServer server = FlowServer.of(getEndpoint().getCamelContext());
        if (server == null) {
            throw new IllegalStateException("no HTTP server runs for ingress:" + path + ": start a FlowServer first");
        }
        if (certificates != null) {
            certificates.begin(server.tls());
        }
        route = null;
        tracing = Tracing.of(getEndpoint().getCamelContext());
        proxies = server.proxies();
        share = component.admission().share();
        workers = component.pathWorkers();
        SourceRegistry.of(getEndpoint().getCamelContext()).add(getRoute(), status);
        mounts = server.mounts();
        mounts.add(path, getEndpoint().methodSet(), handler);
    }

    @Override
    protected void doStop() throws Exception {
        if (mounts != null) {
            mounts.remove(path, handler);
            mounts = null;
        }
        if (certificates != null) {
            certificates.end();
        }
        super.doStop();
    }

    @Override
    public boolean deferShutdown(ShutdownRunningTask shutdownRunningTask) {
        return false;
    }

    /** Requests that Camel does not count: those that wait for a worker or for their answer to be written. */
    @Override
    public int getPendingExchangesSize() {
        int counted = getEndpoint().getCamelContext().getInflightRepository().size(getRouteId());
        return Math.max(0, open.get() - counted);
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        // Suspending already refuses new requests; the others finish by themselves.
    }

    private void arrived(HttpServerRequest request) {
        if (!isRunAllowed() || isSuspendingOrSuspended()) {
            RequestRefusal.close(request, refusal.away());
            return;
        }
        String client = proxies.client(request);
        Problem unwanted = unwanted(request, client);
        if (unwanted != null) {
            RequestRefusal.close(request, unwanted);
            return;
        }
        MultiMap headers = request.headers();
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        boolean isPacked = "gzip".equalsIgnoreCase(encoding) || "x-gzip".equalsIgnoreCase(encoding);
        if (encoding != null && !isPacked && !encoding.equalsIgnoreCase("identity")) {
            RequestRefusal.close(request, refusal.encoded());
            return;
        }
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        long declared = length == null ? 0 : Long.parseLong(length);
        if (declared > bodyBytesMax) {
            RequestRefusal.close(request, refusal.tooLarge());
            return;
        }
        AdmissionShare.Claim claim = requireNonNull(share).claim(client);
        if (declared > 0 && !claim.hold((int) declared)) {
            claim.close();
            RequestRefusal.close(request, refusal.busy());
            return;
        }
        if ("100-continue".equalsIgnoreCase(headers.get(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        new IncomingRequest(this, request, client, claim, (int) declared, isPacked).read();
    }

    /** Strangers use up nothing of the path's rate. */
    private @Nullable Problem unwanted(HttpServerRequest request, String client) {
        ClientCertificates.Rejection stranger = certificates == null ? null : certificates.rejection(request, client);
        if (stranger != null) {
            return refusal.certificate(stranger);
        }
        RequestRate.Excess excess = rate.excess(client);
        return excess == null ? null : refusal.tooMany(excess);
    }

    /** Runs the route for a complete request, or refuses it. Called on its event loop. */
    void take(IncomingRequest arrival) {
        if (!arrival.enter()) {
            arrival.answer(refusal.busy().answer());
            return;
        }
        open.incrementAndGet();
        if (!arrival.isPacked() && arrival.body().length <= LOOP_BYTES_MAX && neverBlocks()) {
            if (arrival.begin()) {
                run(arrival, true);
            }
            return;
        }
        try {
            int bytes = arrival.isPacked() ? bodyBytesMax : arrival.body().length;
            arrival.waits(requireNonNull(workers).execute(() -> runOnWorker(arrival), bytes));
        } catch (RejectedExecutionException e) {
            arrival.answer(refusal.away().answer());
        }
    }

    private void runOnWorker(IncomingRequest arrival) {
        if (arrival.begin()) {
            run(arrival, false);
        }
    }

    private boolean neverBlocks() {
        NonBlockingRoute known = route;
        if (known == null) {
            known = new NonBlockingRoute(getEndpoint().getCamelContext(), getRoute());
            route = known;
        }
        return known.isNonBlocking() && known.eventLoop() == null; // else it would have to change loops
    }

    /** Called once for each arrival that entered, after its answer was handed to the connection. */
    void left() {
        open.decrementAndGet();
    }

    private void run(IncomingRequest arrival, boolean onLoop) {
        Problem refused = arrival.isPacked() ? arrival.unpack() : null;
        if (refused != null) {
            arrival.answerOnItsLoop(refused.answer());
            return;
        }
        Exchange exchange = createExchange(false);
        if (onLoop) {
            EventLoopRoute.runsOn(exchange, arrival.eventLoop());
        }
        exchange.setPattern(ExchangePattern.InOut);
        try {
            fill(exchange, arrival);
            RequestHeaders.note(exchange);
            createUoW(exchange);
        } catch (Exception e) {
            finish(arrival, exchange, answers.failed(exchange, e));
            return;
        }
        Object received = exchange.getIn().getHeader(Exchange.CONTENT_TYPE);
        getAsyncProcessor()
                .process(
                        exchange,
                        doneSync -> finish(arrival, exchange, answers.of(exchange, received, arrival.body())));
    }

    private void fill(Exchange exchange, IncomingRequest arrival) {
        Message message = exchange.getIn();
        HttpServerRequest request = arrival.request();
        Map<String, Object> headers = message.getHeaders();
        Set<String> repeated = inbound.copy(request.headers(), headers);
        if (!repeated.isEmpty()) {
            exchange.setProperty(MessageHeaders.REPEATED, repeated);
        }
        if (arrival.isPacked()) {
            exchange.setProperty(MessageHeaders.PACKED_BODY, arrival.packed());
        }
        headers.put(Exchange.HTTP_METHOD, request.method().name());
        headers.put(Exchange.HTTP_PATH, path);
        String query = request.query();
        if (query != null) {
            headers.put(Exchange.HTTP_QUERY, query);
        }
        message.setBody(arrival.body());
        exchange.setProperty(LedgerConstants.CLIENT, arrival.client());
        RequestSpan.begin(tracing, exchange, request.method().name(), path);
    }

    private void finish(IncomingRequest arrival, Exchange exchange, HttpAnswer answer) {
        PushCount.add(status, answer.status(), exchange);
        RequestSpan.end(exchange, answer.status());
        try {
            doneUoW(exchange);
            releaseExchange(exchange, false);
        } finally {
            arrival.answerOnItsLoop(answer);
        }
    }

    int bodyBytesMax() {
        return bodyBytesMax;
    }

    long bodyTimeoutMillis() {
        return bodyTimeoutMillis;
    }

    IngressRefusal refusal() {
        return refusal;
    }
}
