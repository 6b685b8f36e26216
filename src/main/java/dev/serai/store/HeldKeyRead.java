package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads the keys that a target holds back in hash order; of a key with many deliveries it skips all but the first ones. */
final class HeldKeyRead {
    /** So many rows of one key are read before it costs less to look for the next key. */
    private static final int SKIPPED_MAX = 32;

    private final Session session;
    private final TargetName target;
    private final Store.HeldKey each;
    private boolean any;
    private long last;
    private int skipped;
    private boolean more;

    HeldKeyRead(Session session, TargetName target, Store.HeldKey each) {
        this.session = session;
        this.target = target;
        this.each = each;
    }

    /** Returns true when all are read. */
    boolean run() {
        do {
            more = false;
            session.each("heldKeys", this::take, any ? last + 1 : Long.MIN_VALUE, target.flow(), target.target());
        } while (more);
        return true;
    }

    /** The first row of a key says whether one waits. */
    private boolean take(ResultSet row) throws SQLException {
        long keyHash = row.getLong("key_hash");
        if (!any || keyHash != last) {
            any = true;
            last = keyHash;
            skipped = 0;
            each.accept(keyHash, Rows.state(row.getInt("state")) == DeliveryState.WAITING);
        } else if (++skipped > SKIPPED_MAX && last < Long.MAX_VALUE) {
            more = true;
            return false;
        }
        return true;
    }
}
