package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import org.jspecify.annotations.Nullable;

/** Tells which hashes are surely not among those of a run's ids, or of its keys. Threads: safe, with a session each. */
interface IndexFilter {

    boolean mayContain(Session session, long hash);

    /** One Bloom filter in memory; if there is none, every hash may be in the run. */
    static IndexFilter of(@Nullable Bloom bloom) {
        return (session, hash) -> bloom == null || bloom.mayContain(hash);
    }
}
