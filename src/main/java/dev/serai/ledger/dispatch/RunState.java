package dev.serai.ledger.dispatch;

/**
 * Whether a dispatcher may read and send.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class RunState {
    private boolean running;
    private boolean started;
    private boolean closed;
    boolean paused;
    boolean suspended;
    /** An operator acted since the stored state was read. */
    boolean stale;

    void start() {
        running = true;
        started = true;
    }

    void stop() {
        running = false;
    }

    void close() {
        closed = true;
    }

    boolean isRunning() {
        return running;
    }

    boolean wasStarted() {
        return started;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isActive() {
        return running && !paused && !suspended;
    }
}
