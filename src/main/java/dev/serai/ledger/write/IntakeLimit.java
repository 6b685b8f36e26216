package dev.serai.ledger.write;

/**
 * Bounds what waits to be committed: who pushes is turned away when it is full, who pulls waits for room.
 *
 * <p>Threads: safe.
 */
public final class IntakeLimit {
    private final int changesMax;
    private final long bytesMax;
    private int changes;
    private long bytes;

    public IntakeLimit(int changesMax, long bytesMax) {
        this.changesMax = changesMax;
        this.bytesMax = bytesMax;
    }

    public synchronized boolean tryEnter(int moreChanges, long moreBytes) {
        if (!hasRoom(moreChanges, moreBytes)) {
            return false;
        }
        changes += moreChanges;
        bytes += moreBytes;
        return true;
    }

    public synchronized void enter(int moreChanges, long moreBytes) throws InterruptedException {
        while (!tryEnter(moreChanges, moreBytes)) {
            wait();
        }
    }

    public synchronized void leave(int lessChanges, long lessBytes) {
        changes -= lessChanges;
        bytes -= lessBytes;
        notifyAll();
    }

    /** What is larger than the bounds themselves passes alone. */
    private boolean hasRoom(int moreChanges, long moreBytes) {
        return changes == 0 || (changes + moreChanges <= changesMax && bytes + moreBytes <= bytesMax);
    }
}
