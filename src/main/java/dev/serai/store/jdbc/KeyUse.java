package dev.serai.store.jdbc;

import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.crypt.BodyCipher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Remembers in the ledger which keys its bodies were encrypted with, so that a start knows whether it has them all without
 * reading the bodies. It is a cursor that nobody is shown.
 */
public final class KeyUse {
    private static final String NAME = Cursor.HIDDEN + "encryption keys";

    private final Session session;
    private final BodyCipher bodies;
    private final String ledger;

    /**
     * The check of one start.
     *
     * @param session in a transaction that may write
     * @param ledger names it in messages
     */
    public KeyUse(Session session, BodyCipher bodies, String ledger) {
        this.session = session;
        this.bodies = bodies;
        this.ledger = ledger;
    }

    /**
     * Notes the key that encrypts from now on, and forgets keys that no body needs any more.
     *
     * @throws StoreException if a key is missing, or is another one than that of its name
     */
    public void check(long nowMillis) {
        Map<String, String> used = read();
        Map<String, String> kept = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        used.forEach((id, fingerprint) -> {
            String own = bodies.fingerprint(id);
            if (own != null && !own.equals(fingerprint)) {
                throw new StoreException(
                        "the ledger " + ledger + " has bodies that were encrypted with another key called "
                                + id
                                + " than the one in serai.ledger.encryption.keys: put the old one back, and give the new one"
                                + " an id of its own");
            }
            if (own != null || isNeeded(id)) {
                kept.put(id, fingerprint);
            }
            if (own == null && kept.containsKey(id)) {
                missing.add(id);
            }
        });
        if (!missing.isEmpty()) {
            throw new StoreException(
                    "the ledger " + ledger + " has bodies that are encrypted with keys that"
                            + " serai.ledger.encryption.keys lacks: add " + String.join(", ", missing)
                            + ", behind the key that encrypts. A key can be left out once the last of its bodies is past its retention");
        }
        String first = bodies.firstId();
        if (first != null) {
            kept.put(first, Objects.requireNonNull(bodies.fingerprint(first)));
        }
        if (!kept.equals(used)) {
            save(kept, nowMillis);
        }
    }

    private boolean isNeeded(String id) {
        String mark = BodyCipher.mark(id);
        return session.exists("isEncryptedWith", mark, mark);
    }

    private Map<String, String> read() {
        Map<String, String> used = new TreeMap<>();
        Cursor saved = session.first("cursor", Rows::cursor, NAME);
        if (saved != null && !saved.value().isEmpty()) {
            for (String entry : saved.value().split(" ")) {
                int colon = entry.lastIndexOf(':');
                used.put(entry.substring(0, colon), entry.substring(colon + 1));
            }
        }
        return used;
    }

    private void save(Map<String, String> keys, long nowMillis) {
        List<String> entries = new ArrayList<>();
        keys.forEach((id, fingerprint) -> entries.add(id + ":" + fingerprint));
        String value = String.join(" ", entries);
        session.update("saveCursor", NAME, value, nowMillis, Checksum.ofCursor(NAME, value));
    }
}
