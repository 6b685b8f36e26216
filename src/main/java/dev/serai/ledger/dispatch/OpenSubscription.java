package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscription of one target in one shard, on its dispatcher.
 *
 * <p>Threads: safe.
 */
public final class OpenSubscription implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(OpenSubscription.class);

    private final Dispatcher dispatcher;
    private final DispatcherRegistry dispatchers;
    private final Writer writer;

    public OpenSubscription(Dispatcher dispatcher, DispatcherRegistry dispatchers, Writer writer) {
        this.dispatcher = dispatcher;
        this.dispatchers = dispatchers;
        this.writer = writer;
    }

    @Override
    public void start() {
        dispatcher.start();
    }

    @Override
    public void suspend() {
        dispatcher.operator().suspend(true);
    }

    @Override
    public void resume() {
        dispatcher.operator().suspend(false);
    }

    @Override
    public boolean mayDeliver(long sequence) {
        return dispatcher.mayDeliver(sequence);
    }

    @Override
    public boolean close(Duration timeout) {
        stop();
        boolean quiet = false;
        boolean interrupted = Thread.interrupted(); // the position is saved all the same
        try {
            quiet = awaitQuiet(interrupted ? Duration.ZERO : timeout);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        try {
            end();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return quiet;
    }

    boolean wasStarted() {
        return dispatcher.wasStarted();
    }

    /** Sends nothing more. */
    void stop() {
        dispatcher.stop();
    }

    boolean awaitQuiet(Duration timeout) throws InterruptedException {
        return dispatcher.awaitQuiet(timeout);
    }

    /** Ignores what is still under way, and saves the position. */
    void end() {
        dispatcher.close();
        try {
            if (dispatcher.wasStarted()) {
                writer.await(dispatcher.savePosition());
            }
        } catch (StoreException e) {
            LOG.warn(
                    "The position of {} was not saved, it will read some changes again when it starts",
                    dispatcher.name(),
                    e);
        } finally {
            dispatchers.remove(dispatcher);
        }
    }

    /** It was never to be used. */
    public void remove() {
        dispatchers.remove(dispatcher);
    }
}
