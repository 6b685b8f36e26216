package dev.serai.store;

import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store.Damage;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.ReadSource;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs and counts what is found damaged, once for each change.
 *
 * <p>Threads: safe.
 */
final class DamageLog {
    private static final Logger LOG = LoggerFactory.getLogger(DamageLog.class);
    /** After this many changes, further ones are counted each time they are read, and not logged. */
    private static final int KNOWN_MAX = 10_000;

    private final ReadSource database;
    private final String ledger;
    private final InstantSource clock;
    private final Set<Long> known = new HashSet<>();
    private final Set<String> problems = new HashSet<>();
    private Damage damage = Damage.NONE;

    DamageLog(ReadSource database, InstantSource clock) {
        this.database = database;
        this.ledger = database.name();
        this.clock = clock;
    }

    synchronized Damage damage() {
        return damage;
    }

    Entry note(Entry entry) {
        String problem = entry.damage();
        if (problem != null) {
            note(entry.sequence(), problem);
        }
        return entry;
    }

    DueChange note(DueChange due) {
        note(due.entry());
        return due;
    }

    /** Notes what the check of the whole ledger found. */
    synchronized void note(LedgerFinding finding) {
        if (finding.note()) {
            LOG.info("The ledger {}: {}", ledger, finding.problem());
        } else if (finding.sequence() == null) {
            addOnce(finding.problem());
        } else {
            note(finding.sequence(), finding.problem());
        }
    }

    /** Notes an error that says that what is stored cannot be read; the same one is noted once. */
    synchronized void noteUnreadable(StoreException e) {
        if (e.getCause() instanceof SQLException sql && database.isDamage(sql)) {
            addOnce(String.valueOf(e.getMessage()));
        }
    }

    private synchronized void addOnce(String problem) {
        if (problems.size() < KNOWN_MAX && problems.add(problem)) {
            add(problem);
        }
    }

    private synchronized void note(long sequence, String problem) {
        if (known.contains(sequence)) {
            return;
        }
        if (known.size() < KNOWN_MAX) {
            known.add(sequence);
            add(problem);
        } else {
            count(problem);
        }
    }

    private synchronized void add(String problem) {
        count(problem);
        LOG.error("The ledger {} is damaged: {}; run serai check --ledger", ledger, problem);
    }

    private synchronized void count(String problem) {
        Instant first = damage.since();
        damage = new Damage(damage.count() + 1, first == null ? clock.instant() : first, problem);
    }
}
