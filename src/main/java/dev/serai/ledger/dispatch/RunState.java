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
    /**
     * Since the start each change of a key that has a row follows earlier ones that have one. Set and read on the writer's thread.
     */
    private volatile boolean inOrder;

    void start() {
        running = true;
        started = true;
    }

    void setInOrder() {
        inOrder = true;
    }

    boolean isInOrder() {
        return inOrder;
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
