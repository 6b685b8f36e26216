package dev.serai.store.index;

import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds the changes of a key or an id, newest first, through the id index. Threads: safe. */
public final class ChangeSearch {
    private final IdIndex ids;

    public ChangeSearch(IdIndex ids) {
        this.ids = ids;
    }

    public List<Entry> find(Session session, ChangeQuery query) {
        String flow = query.flow();
        if (query.id() == null && query.key() == null) {
            return flow == null
                    ? session.list("newest", Rows::head, query.limit())
                    : session.list("newestOfFlow", Rows::head, flow, query.limit());
        }
        List<String> flows = flow == null ? session.list("flows", row -> row.getString("name")) : List.of(flow);
        List<Entry> found = new ArrayList<>();
        for (String one : flows) {
            found.addAll(inFlow(session, one, query));
        }
        return found.stream()
                .sorted(Comparator.comparingLong(Entry::sequence).reversed())
                .limit(query.limit())
                .toList();
    }

    /**
     * The newest changes of a key beyond a sequence, newest first. Writer only: it asks one change at a time, so that a key
     * with many costs no more than one with few.
     *
     * @param own what may be of the key among the changes that the index has not yet, newest first
     */
    public List<Entry> newest(Session session, String flow, String key, List<Long> own, long after, int limit) {
        List<Entry> found = new ArrayList<>();
        for (int i = 0; i < own.size() && found.size() < limit; i++) {
            addIfOf(session, flow, key, own.get(i), found);
        }
        long hash = Hash.of(flow, key);
        List<IndexGeneration> generations = ids.generations();
        for (int i = generations.size() - 1; i >= 0; i--) {
            long sequence = generations.get(i).newest(hash, Long.MAX_VALUE);
            while (sequence > after && found.size() < limit) {
                addIfOf(session, flow, key, sequence, found);
                sequence = generations.get(i).newest(hash, sequence);
            }
        }
        List<IndexRun> runs = ids.runs();
        for (int i = runs.size() - 1; i >= 0 && found.size() < limit; i--) {
            IndexRun run = runs.get(i);
            if (run.toSequence() > after && run.keys().mayContain(session, hash)) {
                run.each(session, IndexKind.KEY, hash, sequence -> {
                    if (sequence > after) {
                        addIfOf(session, flow, key, sequence, found);
                    }
                    return sequence > after && found.size() < limit;
                });
            }
        }
        return found;
    }

    /** Hashes of different keys may be equal. */
    private static void addIfOf(Session session, String flow, String key, long sequence, List<Entry> found) {
        Entry entry = session.first("head", Rows::head, sequence);
        if (entry != null
                && entry.change().flow().equals(flow)
                && entry.change().key().equals(key)) {
            found.add(entry);
        }
    }

    private List<Entry> inFlow(Session session, String flow, ChangeQuery query) {
        String id = query.id();
        IndexKind kind = id == null ? IndexKind.KEY : IndexKind.ID;
        String name = id == null ? query.key() : id;
        long hash = Hash.of(flow, name == null ? "" : name);
        Predicate<Entry> wanted = entry -> entry.change().flow().equals(flow)
                && matches(id, entry.change().id())
                && matches(query.key(), entry.change().key());
        Map<Long, Entry> found = new TreeMap<>(Comparator.reverseOrder());
        // Memory before the runs: a change that moves to a run meanwhile is found twice instead of not at all.
        inMemory(session, kind, hash, wanted, query.limit(), found);
        inRuns(session, kind, hash, wanted, query.limit(), found);
        return List.copyOf(found.values());
    }

    private void inMemory(
            Session session, IndexKind kind, long hash, Predicate<Entry> wanted, int limit, Map<Long, Entry> found) {
        List<IndexGeneration> generations = ids.generations();
        for (int i = generations.size() - 1; i >= 0; i--) {
            for (long sequence : generations.get(i).all(kind, hash)) {
                Entry entry = found.size() < limit ? session.first("head", Rows::head, sequence) : null;
                if (entry != null && wanted.test(entry)) {
                    found.put(sequence, entry);
                }
            }
        }
    }

    private void inRuns(
            Session session, IndexKind kind, long hash, Predicate<Entry> wanted, int limit, Map<Long, Entry> found) {
        List<IndexRun> runs = List.of();
        // Again if runs were merged meanwhile, because the pages of the merged ones may be gone.
        while (runs != ids.runs()) {
            runs = ids.runs();
            for (int i = runs.size() - 1; i >= 0 && found.size() < limit; i--) {
                inRun(session, runs.get(i), kind, hash, wanted, limit, found);
            }
        }
    }

    private static void inRun(
            Session session,
            IndexRun run,
            IndexKind kind,
            long hash,
            Predicate<Entry> wanted,
            int limit,
            Map<Long, Entry> found) {
        IndexFilter filter = kind == IndexKind.ID ? run.ids() : run.keys();
        if (filter.mayContain(session, hash)) {
            run.each(session, kind, hash, sequence -> {
                Entry entry = session.first("head", Rows::head, sequence);
                if (entry != null && wanted.test(entry)) {
                    found.put(sequence, entry);
                }
                return found.size() < limit;
            });
        }
    }

    private static boolean matches(@Nullable String wanted, String is) {
        return wanted == null || wanted.equals(is);
    }
}
