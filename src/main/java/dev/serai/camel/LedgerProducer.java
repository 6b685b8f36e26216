package dev.serai.camel;

import dev.serai.ledger.Change;
import dev.serai.ledger.Cursor;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * Makes what passes durable. The route goes on only after that, and no thread waits for it.
 *
 * <p>Threads: safe.
 */
final class LedgerProducer extends DefaultAsyncProducer {
    private final LedgerEndpoint endpoint;
    private final ChangeReader reader;

    LedgerProducer(LedgerEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.reader = new ChangeReader(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            if (isCursorRead(exchange)) {
                readCursor(exchange);
            } else if (endpoint.isBatch()) {
                return acceptBatch(exchange, callback);
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
        Change change = reader.read(exchange);
        CompletableFuture<Receipt> accepted = ledger().accept(change);
        Entered.tell(exchange);
        accepted.whenComplete((receipt, failure) -> {
            if (receipt != null) {
                answer(exchange.getMessage(), receipt);
            }
            finish(exchange, failure, callback);
        });
        return false;
    }

    private boolean acceptBatch(Exchange exchange, AsyncCallback callback) throws Exception {
        List<Change> changes = new ArrayList<>();
        Exchange one = ExchangeHelper.createCopy(exchange, false);
        for (Object item : exchange.getMessage().getMandatoryBody(Iterable.class)) {
            one.getMessage().setBody(item);
            changes.add(reader.read(one));
        }
        CompletableFuture<List<Receipt>> accepted = ledger().accept(changes, cursor(exchange.getMessage()));
        Entered.tell(exchange);
        accepted.whenComplete((receipts, failure) -> {
            if (receipts != null && !receipts.isEmpty()) {
                answer(exchange.getMessage(), receipts.get(receipts.size() - 1));
            }
            finish(exchange, failure, callback);
        });
        return false;
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

    private boolean isCursorRead(Exchange exchange) {
        Expression operation = endpoint.getOperation();
        return operation != null && "cursor".equals(operation.evaluate(exchange, String.class));
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
