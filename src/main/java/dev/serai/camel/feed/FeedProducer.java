package dev.serai.camel.feed;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.serai.camel.TargetWaits;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.NotSentException;
import dev.serai.camel.ledger.OpenOffers;
import dev.serai.ledger.model.TargetName;
import dev.serai.text.ExactJson;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;

/**
 * Offers each change until a reader of the feed has acknowledged it; then the route continues. No thread waits.
 *
 * <p>Threads: safe.
 */
final class FeedProducer extends DefaultAsyncProducer {

    private final FeedEndpoint endpoint;
    private final FeedComponent component;
    private final Supplier<@Nullable String> waitReason = this::waitReason;
    private volatile boolean isKnown;

    FeedProducer(FeedEndpoint endpoint, FeedComponent component) {
        super(endpoint);
        this.endpoint = endpoint;
        this.component = component;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            OpenOffers holds = OpenOffers.of(exchange);
            Message message = exchange.getMessage();
            Long sequence = message.getHeader(LedgerConstants.SEQUENCE, Long.class);
            if (holds == null || sequence == null) {
                throw new IllegalArgumentException("feed:" + endpoint.getName()
                        + " takes one change at a time from a route that begins with from: ledger:FLOW");
            }
            tellWaits(message);
            Held held = new Held(exchange, callback, holds, sequence, json(message));
            holds.add(sequence, held.release);
            endpoint.feed().offer(held);
            if (held.ended.get()) { // given back before it was offered
                endpoint.feed().withdraw(held);
            }
            return false;
        } catch (Exception e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    /** Status asks the feed from its first change on. */
    private void tellWaits(Message message) {
        String flow = message.getHeader(LedgerConstants.FLOW, String.class);
        String target = message.getHeader(LedgerConstants.TARGET, String.class);
        if (!isKnown && flow != null && target != null) {
            TargetWaits.of(endpoint.getCamelContext()).add(new TargetName(flow, target), waitReason);
            isKnown = true;
        }
    }

    private @Nullable String waitReason() {
        return endpoint.shared().waitReason();
    }

    @Override
    protected void doStop() throws Exception {
        TargetWaits.of(endpoint.getCamelContext()).remove(waitReason);
        isKnown = false;
        super.doStop();
    }

    private static byte[] json(Message message) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = ExactJson.MAPPER.createGenerator(bytes)) {
            ChangeJson.write(json, message);
        }
        return bytes.toByteArray();
    }

    /** An exchange that waits for its reader. */
    private final class Held implements FeedOffer {
        private final Exchange exchange;
        private final AsyncCallback callback;
        private final OpenOffers holds;
        private final long sequence;
        private final byte[] json;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final Runnable release = this::giveBack;

        Held(Exchange exchange, AsyncCallback callback, OpenOffers holds, long sequence, byte[] json) {
            this.exchange = exchange;
            this.callback = callback;
            this.holds = holds;
            this.sequence = sequence;
            this.json = json;
        }

        @Override
        public long sequence() {
            return sequence;
        }

        @Override
        public byte[] json() {
            return json;
        }

        @Override
        public boolean mayBeRead() {
            return holds.mayBeRead(sequence);
        }

        @Override
        public void acknowledge() {
            end(null);
        }

        private void giveBack() {
            endpoint.feed().withdraw(this);
            end(new NotSentException("the route stops before a reader acknowledged the change"));
        }

        private void end(@Nullable Exception reason) {
            if (!ended.compareAndSet(false, true)) {
                return;
            }
            holds.remove(release);
            if (reason != null) {
                exchange.setException(reason);
            }
            try {
                component.threads().execute(() -> callback.done(false));
            } catch (RejectedExecutionException | IllegalStateException e) {
                callback.done(false);
            }
        }
    }
}
