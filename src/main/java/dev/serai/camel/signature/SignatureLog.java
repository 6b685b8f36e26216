package dev.serai.camel.signature;

import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.refusal.RefusalExplainer;
import dev.serai.text.LogPace;
import dev.serai.text.LogText;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator of refused signatures: one line a minute for each path and reason, and why, if that can be found out. The
 * reason is looked for on a thread of its own.
 *
 * <p>Threads: safe.
 */
final class SignatureLog implements AutoCloseable {
    /** Its lines were always the producer's. */
    private static final Logger LOG = LoggerFactory.getLogger(SignatureProducer.class);

    /** More wait for nothing: a minute later the same is told again. */
    private static final int WAITING_MAX = 8;

    private final LogPace pace = new LogPace();
    private final ThreadPoolExecutor explainer = new ThreadPoolExecutor(
            1,
            1,
            5,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
                Thread thread = new Thread(task, "signature-refusals");
                thread.setDaemon(true);
                return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());

    SignatureLog() {
        explainer.allowCoreThreadTimeOut(true);
    }

    /** Tells of a request that the endpoint refuses. */
    void tell(
            SignatureEndpoint endpoint,
            SignatureScheme scheme,
            Refusal refused,
            SignedRequest request,
            Message message,
            Instant now) {
        String path = LogText.of(message.getHeader(Exchange.HTTP_PATH));
        long before = pace.untold(endpoint.getScheme() + " " + path + " " + refused.reason());
        if (before < 0) {
            return;
        }
        String idHeader = scheme.idHeader();
        LOG.warn(
                "Signature refused: scheme={} path={} id={} reason={} ({}){}",
                endpoint.getScheme(),
                path,
                LogText.of(idHeader == null ? null : message.getHeader(idHeader)),
                refused.reason(),
                refused.detail(),
                LogPace.more(before));
        Map<String, String> headers = new HashMap<>();
        message.getHeaders().forEach((name, value) -> headers.put(name, String.valueOf(value)));
        SignedRequest kept = kept(request, headers);
        List<RefusalExplainer.Other> others = endpoint.others();
        explainer.execute(() -> explain(endpoint.getScheme(), path, scheme, refused, kept, headers, now, others));
    }

    /** With headers of its own: the message's change while the exchange ends. */
    private static SignedRequest kept(SignedRequest request, Map<String, String> headers) {
        TreeMap<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        return new SignedRequest(
                request.method(),
                request.query(),
                name -> {
                    @Nullable String value = byName.get(name);
                    return value == null ? List.of() : List.of(value);
                },
                request.body());
    }

    private static void explain(
            String name,
            String path,
            SignatureScheme scheme,
            Refusal refused,
            SignedRequest request,
            Map<String, String> headers,
            Instant now,
            List<RefusalExplainer.Other> others) {
        try {
            String cause = RefusalExplainer.explain(scheme, refused, request, headers, now, others);
            if (cause != null) {
                LOG.warn("Signature refused: scheme={} path={}: {}", name, path, cause);
            }
        } catch (RuntimeException e) {
            LOG.debug("The cause of a refused signature was not found", e);
        }
    }

    @Override
    public void close() {
        explainer.shutdownNow();
    }
}
