package dev.serai.connector.http;

import dev.serai.camel.ledger.NotSentException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ProxyOptions;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one {@code http-sink} and its requests under way, all on one event loop.
 *
 * <p>Limits: the time of a request from {@link #send} to the end of its answer, the bytes of an answer, of its lines and of
 * its headers, and the number of interim answers. HTTP/1.1 without pipelining, compression, redirects, cookies and retries.
 *
 * <p>Threads: one, the event loop; {@link #send}, {@link #giveUp} and {@link #closeWhenIdle} are safe.
 */
final class HttpSinkLoop extends AbstractVerticle {
    private static final Logger LOG = LoggerFactory.getLogger(HttpSinkLoop.class);
    /** More requests at once wait for a connection. */
    private static final int CONNECTIONS_MAX = 512;

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final int IDLE_SECONDS_MAX = 30;
    private static final int IDLE_CHECK_MILLIS = 5_000;

    private final HttpSinkAddress address;
    private final Duration timeout;
    private final boolean hasProxy;
    private final int answerBytesMax;
    private final HttpSinkFailure failures;
    private final HttpClientOptions options;
    /** In the order of their deadlines, since all have the same time. */
    private final Set<HttpSinkCall> open = new LinkedHashSet<>();

    private final HostLookup lookup;
    /** Those that wait for the addresses of the host. */
    private final List<HttpSinkCall> unresolved = new ArrayList<>();

    private @Nullable HttpClient client;
    private @Nullable HttpClient newConnections;
    private boolean alarmSet;
    private boolean closing;
    private boolean stopped;

    /**
     * The loop of one target.
     *
     * @param proxy null if the target is reached without one
     * @param tls adds the certificates to the client's options
     * @param check of the addresses that the host leads to; null if it may lead anywhere
     */
    HttpSinkLoop(
            HttpSinkAddress address,
            Duration timeout,
            int answerBytesMax,
            @Nullable ProxyOptions proxy,
            UnaryOperator<HttpClientOptions> tls,
            HostLookup.@Nullable AddressCheck check) {
        this.address = address;
        this.timeout = timeout;
        this.hasProxy = proxy != null;
        this.lookup = new HostLookup(address.host(), hasProxy, check);
        this.answerBytesMax = answerBytesMax;
        this.failures = new HttpSinkFailure(address.host() + ":" + address.port(), timeout);
        Duration connect = timeout.compareTo(CONNECT_MAX) < 0 ? timeout : CONNECT_MAX;
        this.options = tls.apply(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setConnectTimeout(Math.toIntExact(connect.toMillis()))
                .setSslHandshakeTimeout(connect.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeepAliveTimeout(IDLE_SECONDS_MAX)
                .setPoolCleanerPeriod(IDLE_CHECK_MILLIS)
                .setMaxInitialLineLength(HttpSinkFailure.LINE_BYTES_MAX)
                .setMaxHeaderSize(HttpSinkFailure.HEADERS_BYTES_MAX)
                .setProxyOptions(proxy));
    }

    @Override
    public void start() {
        client = vertx.createHttpClient(options).connectionHandler(InterimAnswerFilter::install);
        newConnections = vertx.createHttpClient(new HttpClientOptions(options).setKeepAlive(false))
                .connectionHandler(InterimAnswerFilter::install);
    }

    /** Requests without an answer fail, as interrupted by this node. */
    @Override
    public void stop() {
        stopped = true;
        for (HttpSinkCall call : new ArrayList<>(open)) {
            call.fail(new InterruptedIOException("this node stopped before the target answered"));
        }
    }

    /** Closes the connections once no request is under way; until then more may be sent. */
    void closeWhenIdle() {
        try {
            context.runOnContext(here -> {
                closing = true;
                closeIfIdle();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loops have ended, and with them the connections", e);
        }
    }

    private void closeIfIdle() {
        if (closing && !stopped && open.isEmpty()) {
            stopped = true;
            vertx.undeploy(deploymentID());
        }
    }

    /** A request to send. */
    HttpSinkCall call(HttpSinkMessage message) {
        return new HttpSinkCall(this, message, System.nanoTime() + timeout.toNanos());
    }

    /** Runs a task on the event loop; throws {@link RejectedExecutionException} after its end. */
    void execute(Runnable task) {
        context.runOnContext(here -> task.run());
    }

    void send(HttpSinkCall call) {
        if (Vertx.currentContext() == context) {
            begin(call);
            return;
        }
        try {
            context.runOnContext(here -> begin(call));
        } catch (RejectedExecutionException e) { // the event loops have ended
            call.answer().completeExceptionally(notSent());
        }
    }

    /** Ends a request whose answer is no longer wanted. */
    void giveUp(HttpSinkCall call) {
        try {
            context.runOnContext(here ->
                    call.fail(new InterruptedIOException("the delivery was given up before the target answered")));
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loops have ended, and with them the request", e);
        }
    }

    static NotSentException notSent() {
        return new NotSentException("this node stopped before the change was sent");
    }

    private void begin(HttpSinkCall call) {
        if (call.answer().isDone()) {
            return;
        }
        if (stopped) {
            call.answer().completeExceptionally(notSent());
            return;
        }
        open.add(call);
        setAlarm();
        List<String> servers = lookup.known();
        if (servers != null) {
            call.start(servers);
            return;
        }
        unresolved.add(call);
        if (unresolved.size() == 1) {
            vertx.executeBlocking(lookup::ask, false).onComplete(this::resolved);
        }
    }

    private void resolved(AsyncResult<List<String>> servers) {
        List<HttpSinkCall> calls = List.copyOf(unresolved);
        unresolved.clear();
        for (HttpSinkCall call : calls) {
            if (servers.succeeded()) {
                call.start(servers.result());
            } else {
                call.fail(failures.unresolved(servers.cause()));
            }
        }
    }

    private void setAlarm() {
        if (!alarmSet && !open.isEmpty()) {
            alarmSet = true;
            long nanos = open.iterator().next().deadlineNanos() - System.nanoTime();
            vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1), alarm -> {
                alarmSet = false;
                endLate();
                setAlarm();
            });
        }
    }

    private void endLate() {
        Iterator<HttpSinkCall> calls = new ArrayList<>(open).iterator();
        while (calls.hasNext()) {
            HttpSinkCall call = calls.next();
            if (call.deadlineNanos() - System.nanoTime() > 0) {
                return;
            }
            call.fail(failures.late(call.isConnected()));
        }
    }

    void ended(HttpSinkCall call) {
        open.remove(call);
        closeIfIdle();
    }

    /** @param newConnection a connection that no request was sent on, and no other will be */
    HttpClient client(boolean newConnection) {
        return Objects.requireNonNull(newConnection ? newConnections : client, "not started");
    }

    boolean hasProxy() {
        return hasProxy;
    }

    HttpSinkAddress address() {
        return address;
    }

    HttpSinkFailure failures() {
        return failures;
    }

    int answerBytesMax() {
        return answerBytesMax;
    }
}
