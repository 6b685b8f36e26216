package dev.serai.camel.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.EventLoopRoute;
import dev.serai.camel.trace.AcceptSpan;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.Reply;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Receipt;
import dev.serai.text.ExactJson;
import dev.serai.trace.Tracing;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * Writes each change to the ledger. The route continues when the change is durable; no thread waits for it.
 *
 * <p>Threads: safe.
 */
final class LedgerProducer extends DefaultAsyncProducer {
    private final LedgerEndpoint endpoint;
    private final LedgerProducerOptions options;
    private final ChangeReader reader;
    private final @Nullable Tracing tracing;

    LedgerProducer(LedgerEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.options = endpoint.getProducerOptions();
        this.reader = new ChangeReader(endpoint);
        this.tracing = Tracing.of(endpoint.getCamelContext());
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            if (options.isBatch()) { // whose operation is that of each change, not of the list
                return acceptBatch(exchange, callback);
            } else if (reader.isCursorRead(exchange)) {
                readCursor(exchange);
            } else {
                return acceptOne(exchange, callback);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.setException(e);
        } catch (Exception e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private Ledger ledger() {
        return endpoint.ledger();
    }

    private boolean acceptOne(Exchange exchange, AsyncCallback callback) throws Exception {
        AcceptSpan span = AcceptSpan.begin(tracing, reader.read(exchange), exchange);
        Change change = span.change();
        if (options.getMode() == LedgerProducerOptions.Mode.SYNC) {
            return acceptAndWait(exchange, span, callback);
        }
        Executor loop = EventLoopRoute.of(exchange);
        CompletableFuture<Receipt> accepted = loop == null ? ledger().accept(change) : ledger().accept(change, loop);
        OrderSignal.tell(exchange);
        accepted.whenComplete((receipt, failure) -> {
            span.end(receipt, failure);
            if (receipt != null) {
                answer(exchange.getMessage(), receipt);
            }
            finish(exchange, failure, callback);
        });
        return false;
    }

    private boolean acceptAndWait(Exchange exchange, AcceptSpan span, AsyncCallback callback) {
        Duration timeout = Duration.ofMillis(options.getTimeout());
        CompletableFuture<Confirmation> confirmed = ledger().acceptAndWait(span.change(), options.getAwait(), timeout);
        OrderSignal.tell(exchange);
        confirmed.whenComplete((confirmation, failure) -> {
            Throwable reason = failure;
            span.end(confirmation == null ? null : confirmation.receipt(), failure);
            if (confirmation != null) {
                answer(exchange.getMessage(), confirmation);
                if (confirmation.state() == DeliveryState.DEAD) {
                    reason = new UndeliveredException(confirmation.receipt(), confirmation.error());
                }
            }
            finish(exchange, reason, callback);
        });
        return false;
    }

    /** The body becomes the answer of a single target; the answers of several are in the header. */
    private void answer(Message message, Confirmation confirmation) {
        answer(message, confirmation.receipt());
        message.setHeader(LedgerConstants.OUTCOME, confirmation.state().name().toLowerCase(Locale.ROOT));
        message.setHeader(LedgerConstants.REPLIES, confirmation.replies());
        if (confirmation.state() == DeliveryState.PENDING) {
            message.setHeader(LedgerConstants.STATUS, endpoint.statusPath(confirmation.receipt()));
        }
        if (confirmation.replies().size() == 1) {
            Reply reply = confirmation.replies().values().iterator().next();
            message.setBody(reply.body());
            message.setHeader(Exchange.CONTENT_TYPE, reply.contentType());
        }
    }

    private boolean acceptBatch(Exchange exchange, AsyncCallback callback) throws Exception {
        List<AcceptSpan> spans = new ArrayList<>();
        for (Change change : readBatch(exchange)) {
            spans.add(AcceptSpan.begin(tracing, change, exchange));
        }
        List<Change> changes = spans.stream().map(AcceptSpan::change).toList();
        CompletableFuture<List<Receipt>> accepted = ledger().accept(changes, cursor(exchange.getMessage()));
        OrderSignal.tell(exchange);
        accepted.whenComplete((receipts, failure) -> {
            for (int i = 0; i < spans.size(); i++) {
                spans.get(i).end(receipts == null ? null : receipts.get(i), failure);
            }
            if (receipts != null && !receipts.isEmpty()) {
                answer(exchange.getMessage(), receipts.get(receipts.size() - 1));
                int fresh = (int) receipts.stream()
                        .filter(receipt -> !receipt.duplicate())
                        .count();
                exchange.getMessage().setHeader(LedgerConstants.NEW_CHANGES, fresh);
                exchange.getMessage().setHeader(LedgerConstants.NEW_BROKEN, newBroken(changes, receipts));
            }
            finish(exchange, failure, callback);
        });
        return false;
    }

    private static int newBroken(List<Change> changes, List<Receipt> receipts) {
        int broken = 0;
        for (int i = 0; i < changes.size(); i++) {
            broken += BrokenRecord.isFrom(changes.get(i)) && !receipts.get(i).duplicate() ? 1 : 0;
        }
        return broken;
    }

    /** An item that is an exchange is read with its own headers, any other with those of the batch. */
    private List<Change> readBatch(Exchange exchange) throws Exception {
        List<Change> changes = new ArrayList<>();
        Exchange copy = ExchangeHelper.createCopy(exchange, false);
        for (Object item : items(exchange.getMessage())) {
            try {
                if (item instanceof Exchange own) {
                    changes.add(reader.readItem(own));
                } else {
                    copy.getMessage().setBody(item);
                    changes.add(reader.read(copy, part(exchange, changes.size())));
                }
            } catch (LedgerException.Invalid e) {
                throw new LedgerException.Invalid(
                        "item " + (changes.size() + 1) + " of the batch, none of which is accepted: " + e.getMessage());
            }
        }
        return changes;
    }

    /** What {@link #process} would give to the ledger; nothing if the exchange asks for a cursor. */
    List<Change> read(Exchange exchange) throws Exception {
        if (options.isBatch()) {
            return readBatch(exchange);
        }
        return reader.isCursorRead(exchange) ? List.of() : List.of(reader.read(exchange));
    }

    private static String part(Exchange list, int index) {
        String outer = list.getProperty(LedgerConstants.PART, String.class);
        return outer == null ? String.valueOf(index) : outer + "." + index;
    }

    /** Text and bytes are a list in JSON; Camel would take what is between two commas for an item. */
    private Iterable<?> items(Message message) throws InvalidPayloadException {
        Object body = message.getBody();
        boolean isText = body instanceof String
                || body instanceof byte[]
                || body instanceof InputStream
                || body instanceof StreamCache;
        Iterable<?> items = isText ? json(message) : message.getMandatoryBody(Iterable.class);
        if (items instanceof JsonNode json && !json.isArray()) {
            throw notAList("one " + json.getNodeType().name().toLowerCase(Locale.ROOT) + " of JSON");
        }
        return items;
    }

    private JsonNode json(Message message) throws InvalidPayloadException {
        try {
            return ExactJson.ONE_VALUE.readTree(message.getMandatoryBody(byte[].class));
        } catch (IOException e) {
            throw notAList("no JSON");
        }
    }

    private LedgerException.Invalid notAList(String found) {
        return new LedgerException.Invalid("with batch=true ledger:" + endpoint.getFlow()
                + " takes a list, but the body is " + found
                + ": take the list out of it before, such as with setBody and jq");
    }

    private static void answer(Message message, Receipt receipt) {
        message.setHeader(LedgerConstants.FLOW, receipt.flow());
        message.setHeader(LedgerConstants.ID, receipt.id());
        message.setHeader(LedgerConstants.SEQUENCE, receipt.sequence());
        message.setHeader(LedgerConstants.DUPLICATE, receipt.duplicate());
    }

    private static void finish(Exchange exchange, @Nullable Throwable failure, AsyncCallback callback) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            exchange.setException(failure.getCause());
        } else if (failure != null) {
            exchange.setException(failure);
        }
        callback.done(false);
    }

    private void readCursor(Exchange exchange) {
        Message message = exchange.getMessage();
        String name = message.getHeader(LedgerConstants.CURSOR_NAME, String.class);
        if (name == null) {
            throw new IllegalArgumentException("ledger:" + endpoint.getFlow()
                    + " cannot read a cursor without the header " + LedgerConstants.CURSOR_NAME);
        }
        Optional<Cursor> cursor = ledger().cursor(name);
        if (cursor.isPresent()) {
            message.setHeader(LedgerConstants.CURSOR, cursor.get().value());
        } else {
            message.removeHeader(LedgerConstants.CURSOR);
        }
    }

    private static @Nullable Cursor cursor(Message message) {
        String name = message.getHeader(LedgerConstants.CURSOR_NAME, String.class);
        String value = message.getHeader(LedgerConstants.CURSOR, String.class);
        return name == null || value == null ? null : new Cursor(name, value, Instant.now());
    }
}
