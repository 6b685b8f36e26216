package dev.serai.camel.http;

import dev.serai.text.DurationText;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Limits one HTTP request of a Kamelet: its time, from the start to the end of the answer, and the answer's size.
 *
 * <p>A socket timeout starts again with every byte, so a server that sends a byte a second could hold a thread for
 * ever. The client's own retries are off: retrying is the job of the ledger or the pull.
 *
 * <p>Threads: safe.
 */
public final class HttpLimits implements HttpClientConfigurer {
    /** Its name in a client's chain. */
    public static final String INTERCEPTOR = "serai-limits";

    private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(5);
    private static final TimeValue IDLE_MAX = TimeValue.ofSeconds(30);
    private static final Duration BACKSTOP = Duration.ofSeconds(1);

    private final Duration timeout;
    private final long answerBytesMax;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "serai-http-timeout");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * The limits of an endpoint.
     *
     * @param timeout for the whole request, as in {@code 15s}; what comes later fails with an {@link IOException}
     * @param answerBytesMax a longer answer fails with an {@link IOException}
     */
    public HttpLimits(String timeout, long answerBytesMax) {
        this.timeout = Duration.ofMillis(DurationText.millis(timeout));
        if (this.timeout.isZero() || this.timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must be more than zero, like 15s");
        }
        this.answerBytesMax = answerBytesMax;
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    @Override
    @SuppressWarnings("deprecation") // the connection manager, where the time-out should go, is Camel's own
    public void configureHttpClient(HttpClientBuilder builder) {
        // Later than the deadline, which is for the whole request, so that the deadline's error is the one that is
        // seen.
        Timeout socket = Timeout.of(timeout.plus(BACKSTOP));
        builder.setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(CONNECT_TIMEOUT)
                        .setConnectionRequestTimeout(socket)
                        .setResponseTimeout(socket)
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .evictIdleConnections(IDLE_MAX)
                .addExecInterceptorFirst(INTERCEPTOR, this::execute);
    }

    private ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Deadline deadline = new Deadline(scope.originalRequest);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity == null) {
                deadline.met();
            } else {
                response.setEntity(new LimitedEntity(entity, deadline));
            }
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            deadline.met();
            if (deadline.passed) {
                throw late(e);
            }
            throw e;
        }
    }

    private IOException late(@Nullable Exception cause) {
        return new IOException("no complete answer within " + timeout.toMillis() + " ms", cause);
    }

    /** Cancels the request if the deadline passes. */
    private final class Deadline {
        private final Future<?> alarm;
        private final ClassicHttpRequest request;
        private volatile boolean passed;

        Deadline(ClassicHttpRequest request) {
            this.request = request;
            alarm = timer.schedule(
                    () -> {
                        passed = true;
                        cutOff();
                    },
                    timeout.toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        void cutOff() {
            if (request instanceof Cancellable cancellable) {
                cancellable.cancel();
            }
        }

        void met() {
            alarm.cancel(false);
        }
    }

    /** An answer's body that ends with an error at the limits. */
    private final class LimitedEntity extends HttpEntityWrapper {
        private final Deadline deadline;
        private @Nullable InputStream content;

        LimitedEntity(HttpEntity entity, Deadline deadline) {
            super(entity);
            this.deadline = deadline;
        }

        @Override
        public synchronized InputStream getContent() throws IOException {
            if (content == null) {
                content = new LimitedStream(super.getContent(), deadline);
            }
            return content;
        }

        @Override
        public void close() throws IOException {
            deadline.met();
            super.close();
        }
    }

    private final class LimitedStream extends FilterInputStream {
        private final Deadline deadline;
        private long read;

        LimitedStream(InputStream in, Deadline deadline) {
            super(in);
            this.deadline = deadline;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count;
            try {
                count = super.read(bytes, offset, length);
            } catch (IOException e) {
                deadline.met();
                if (deadline.passed) {
                    throw late(e);
                }
                String limit = LimitedConnectionFactory.reason(e);
                throw limit == null ? e : new IOException(limit, e);
            }
            read += Math.max(count, 0);
            if (count < 0) {
                deadline.met();
            } else if (read > answerBytesMax) {
                deadline.cutOff(); // or closing would read the rest
                throw new IOException("the answer is longer than " + answerBytesMax + " bytes");
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                deadline.met();
            }
        }
    }
}
