package dev.serai.connector.http;

import dev.serai.camel.CheckOnly;
import dev.serai.camel.DeliveryThreads;
import dev.serai.camel.LiveCheck;
import dev.serai.camel.NonBlockingStep;
import dev.serai.camel.OutgoingRequest;
import dev.serai.camel.OutgoingStep;
import dev.serai.camel.egress.Egress;
import dev.serai.connector.http.answer.HttpSinkRules;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.connector.http.token.TokenOptions;
import dev.serai.text.DurationText;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.jspecify.annotations.Nullable;

/**
 * Sends the request that {@link HttpSinkRequest} built, and fails the exchange unless the answer is a delivery: 2xx, 404 or 410
 * for DELETE, or what {@link HttpSinkRules} says. With {@code tokenUrl} it adds an access token; one that the target no longer
 * takes is replaced, and the request is sent once more. 307 and 308 are followed within the target's server.
 *
 * <p>A delivery of a target holds no thread while it waits; its route continues on the target's threads, never on an event
 * loop. Any other exchange holds the thread that it came on.
 *
 * <p>Threads: safe.
 */
public final class HttpSinkClient extends AsyncProcessorSupport
        implements CamelContextAware, NonBlockingStep, LiveCheck, OutgoingStep {
    private static final int ANSWER_BYTES_MAX = 1_048_576;
    private static final String USER_AGENT = "User-Agent";

    private final HttpSinkAddress address;
    private Duration timeout = Duration.ofSeconds(15);
    private HttpTls tls = new HttpTls();
    private TokenOptions token = new TokenOptions();
    private HttpSinkRules rules = new HttpSinkRules();
    private Map<String, String> constants = Map.of();
    private @Nullable HttpSinkConfirmRoute confirmRoute;
    private @Nullable CamelContext context;
    /** Null if the address is written in a route; one that a message made may not lead to internal servers. */
    private @Nullable Egress check;

    private @Nullable TokenClient tokens;
    private volatile @Nullable HttpSinkLoop loop;

    /** A client for the target at this address. */
    public HttpSinkClient(String url) {
        this.address = new HttpSinkAddress(url);
    }

    /** How long a whole request may take, as in {@code 15s}; fetching a token may take it once more. */
    public void setTimeout(String timeout) {
        this.timeout = Duration.ofMillis(DurationText.millis(timeout));
        if (this.timeout.isZero() || this.timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must be more than zero, like 15s");
        }
    }

    public void setTls(HttpTls tls) {
        this.tls = tls;
    }

    public void setToken(TokenOptions token) {
        this.token = token;
    }

    /** What an answer means. */
    public void setRules(HttpSinkRules rules) {
        this.rules = rules;
    }

    /** Whose constant headers are sent with all that is only asked, too, and which says whether a route is asked. */
    public void setRequest(HttpSinkRequest request) {
        this.constants = request.constants();
        this.confirmRoute = request.confirmRoute();
    }

    @Override
    public void setCamelContext(@Nullable CamelContext camelContext) {
        this.context = camelContext;
        Egress egress = camelContext == null ? null : Egress.of(camelContext);
        check = egress == null || egress.isLoading() ? null : egress;
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    protected void doStart() throws Exception {
        CamelContext camel = Objects.requireNonNull(context, "no Camel context");
        if (CheckOnly.isTrialIn(camel)) {
            return;
        }
        tokens = TokenClient.of(camel, token, address.url(""), timeout, this::tokenConnections);
        Egress egress = check;
        HttpSinkLoop fresh = new HttpSinkLoop(
                address,
                timeout,
                ANSWER_BYTES_MAX,
                HttpSinkProxy.of(camel, address),
                tls::configure,
                egress == null ? null : found -> egress.check(address.host(), address.port(), found));
        Vertx running = HttpSinkVertx.of(camel);
        running.deployVerticle(fresh).toCompletionStage().toCompletableFuture().join();
        loop = fresh;
    }

    private HttpClientConnectionManager tokenConnections() {
        return tls.connections(1, check == null ? null : check.resolver(Set.of()));
    }

    /** Requests under way go on: the consumer of the deliveries, which may stop later, decides how long they may take. */
    @Override
    protected void doStop() {
        HttpSinkLoop stopping = loop;
        loop = null;
        if (stopping != null) {
            stopping.closeWhenIdle();
        }
    }

    /** A token is fetched by a client that blocks, and a route that is asked may block. */
    @Override
    public boolean isNonBlocking() {
        return tokens == null && confirmRoute == null;
    }

    @Override
    public Executor eventLoop() {
        return task -> {
            HttpSinkLoop running = loop;
            if (running == null) {
                throw new RejectedExecutionException("the sink has stopped");
            }
            running.execute(task);
        };
    }

    private HttpSinkMessage question(String method, String target) {
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Host", address.authority(), USER_AGENT, "Serai"));
        headers.putAll(constants);
        return new HttpSinkMessage(method, target, headers, null);
    }

    /** Gets a token if one is needed, and asks with HEAD, which changes nothing (RFC 9110, 9.2.1). */
    @Override
    public String tryOut() throws Exception {
        HttpSinkMessage message = question("HEAD", address.withoutKey());
        TokenClient trial = TokenClient.forTrial(token, address.url(""), timeout, this::tokenConnections);
        return HttpSinkTrial.of(
                Objects.requireNonNull(loop, "not started"),
                trial == null ? message : message.with(trial.token(), trial.place()));
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        DeliveryThreads.Continuation threads = exchange.isTransacted() ? null : DeliveryThreads.of(exchange);
        if (threads == null) {
            processAndWait(exchange);
            callback.done(true);
            return true;
        }
        if (begin(exchange, threads, threads::waits, () -> callback.done(false))) {
            return false;
        }
        callback.done(true);
        return true;
    }

    /** The thread that waits also runs the steps that must not run on an event loop. */
    private void processAndWait(Exchange exchange) {
        BlockingQueue<Runnable> steps = new LinkedBlockingQueue<>();
        Runnable[] giveUp = {() -> {}};
        boolean[] isOver = {false};
        try {
            boolean begun = begin(exchange, steps::add, end -> giveUp[0] = end, () -> isOver[0] = true);
            while (begun && !isOver[0]) {
                steps.take().run();
            }
        } catch (InterruptedException e) {
            giveUp[0].run();
            Thread.currentThread().interrupt();
            exchange.setException(e);
        }
    }

    /** Returns false if it is over. */
    private boolean begin(Exchange exchange, Executor threads, Consumer<Runnable> waits, Runnable over) {
        try {
            HttpSinkDelivery delivery = new HttpSinkDelivery(this, exchange, threads, waits, over);
            HttpSinkMessage message = message(exchange);
            Object asked = exchange.getMessage().getHeader(HttpSinkConfirm.TARGET);
            HttpSinkConfirmRoute route = confirmRoute;
            if (asked != null && route != null && route.hasArrived(exchange)) {
                delivery.hadArrived(route.uri() + " answered true");
                return false;
            }
            if (asked == null || route != null) {
                delivery.send(message);
            } else {
                delivery.ask(question("GET", asked.toString()), message);
            }
            return true;
        } catch (Exception e) {
            exchange.setException(e);
            return false;
        }
    }

    // ---- For deliveries

    /** @throws IOException if the sink has stopped */
    HttpSinkLoop running() throws IOException {
        HttpSinkLoop running = loop;
        if (running == null) {
            throw HttpSinkLoop.notSent();
        }
        return running;
    }

    HttpSinkAddress address() {
        return address;
    }

    HttpSinkRules rules() {
        return rules;
    }

    /** Null if requests need no token. */
    @Nullable TokenClient tokens() {
        return tokens;
    }

    /** Without an access token, which is obtained when the request is sent. */
    @Override
    public OutgoingRequest request(Exchange exchange) throws InvalidPayloadException {
        HttpSinkMessage message = message(exchange);
        byte[] body = message.body();
        return new OutgoingRequest(
                message.method(), address.url(message.target()), message.headers(), body == null ? new byte[0] : body);
    }

    /** The request with all headers of the message but Camel's own: {@link HttpSinkRequest} has chosen them. */
    private HttpSinkMessage message(Exchange exchange) throws InvalidPayloadException {
        Message message = exchange.getMessage();
        String method = String.valueOf(message.getHeader(Exchange.HTTP_METHOD));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", address.authority());
        headers.put(USER_AGENT, "Serai");
        for (Map.Entry<String, Object> header : message.getHeaders().entrySet()) {
            String name = header.getKey();
            if (header.getValue() != null && !name.startsWith("Camel")) {
                headers.put(
                        name.equalsIgnoreCase(USER_AGENT) ? USER_AGENT : name,
                        header.getValue().toString());
            }
        }
        byte[] body = method.equals("DELETE") ? null : message.getMandatoryBody(byte[].class);
        return new HttpSinkMessage(method, String.valueOf(message.getHeader(Exchange.HTTP_URI)), headers, body);
    }
}
