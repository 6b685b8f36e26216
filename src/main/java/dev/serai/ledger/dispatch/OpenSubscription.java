package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
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
    /** Held while it starts or stops. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean stopped;

    public OpenSubscription(Dispatcher dispatcher, DispatcherRegistry dispatchers, Writer writer) {
        this.dispatcher = dispatcher;
        this.dispatchers = dispatchers;
        this.writer = writer;
    }

    @Override
    public void start() {
        tryStart();
    }

    /** Starts unless it was started or stopped before. Returns false if that cannot be because the database of the shard is away. */
    boolean tryStart() {
        lock.lock();
        try {
            if (stopped || wasStarted()) {
                return true;
            }
            if (writer.isAway()) {
                return false;
            }
            dispatcher.start();
            return true;
        } catch (StoreException e) {
            if (e instanceof StoreAwayException || writer.isAway()) {
                LOG.debug("{} does not start in a shard that is away", dispatcher.name(), e);
                return false;
            }
            throw e;
        } finally {
            lock.unlock();
        }
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

    /** Sends nothing more, and does not start any more. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            dispatcher.stop();
        } finally {
            lock.unlock();
        }
    }

    /** Does not wait for outcomes that cannot be written now. */
    boolean awaitQuiet(Duration timeout) throws InterruptedException {
        return dispatcher.awaitQuiet(writer.isAway() ? Duration.ZERO : timeout);
    }

    /** Ignores what is still under way, and saves the position; while the database is away, when that is back. */
    void end() {
        dispatcher.close();
        try {
            if (dispatcher.wasStarted()) {
                WorkWrite<Boolean> position = dispatcher.savePosition();
                if (!writer.isAway()) {
                    writer.await(position);
                }
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
