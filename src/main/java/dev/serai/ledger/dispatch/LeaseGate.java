package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.outlet.WakeTimer;

/**
 * Lets nothing be sent while another node may own the store, and has the dispatcher look again.
 *
 * <p>Threads: safe.
 */
final class LeaseGate {
    private static final long AGAIN_MILLIS = 500;

    private final Store store;
    private final WakeTimer wake;

    /** @param wake has the dispatcher look at what it may send */
    LeaseGate(Store store, WakeTimer wake) {
        this.store = store;
        this.wake = wake;
    }

    boolean isOpen() {
        if (store.lapse() == null) {
            return true;
        }
        wake.in(AGAIN_MILLIS);
        return false;
    }
}
