package dev.serai.store;

import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.postgres.PostgresLedger;
import dev.serai.store.postgres.PostgresSideTables;
import dev.serai.store.sqlite.SqliteDatabase;
import java.util.ArrayList;
import java.util.List;

/** Opens the stores of a ledger, one for each of its shards. */
public final class LedgerStores {
    private LedgerStores() {}

    /**
     * Opens a ledger; creates it if it is missing.
     *
     * @param bodies encrypts and decrypts them
     * @return the stores of its shards, in their order
     * @throws StoreOpenException if it is in use, damaged, newer than this program, or cannot be written or reached
     * @throws StoreException if bodies in it are encrypted with a key that is missing
     */
    public static List<Store> open(LedgerAddress address, BodyCipher bodies) {
        if (!address.isPostgres()) {
            return List.of(JdbcStore.open(new SqliteDatabase(address.sqliteFile()), JdbcStore.RUN_CHANGES, bodies));
        }
        return open(PostgresLedger.open(address.servers(), address.shards(), address.node(), address.data()), bodies);
    }

    /**
     * Joins the nodes that share a ledger in PostgreSQL.
     *
     * @param at the address of this node's internal port, as {@code host:port}
     * @throws StoreOpenException as {@link #open}, and if another node has its name or has the ledger for itself
     */
    public static SharedShards join(LedgerAddress address, String at, BodyCipher bodies) {
        return ClusterStores.join(address, at, bodies);
    }

    /** The tables beside the log of a ledger in PostgreSQL, which is there when they are asked for: in the first of its databases. */
    public static SideTables sideTables(LedgerAddress address) {
        return new PostgresSideTables(address.servers().get(0));
    }

    private static List<Store> open(List<Database> databases, BodyCipher bodies) {
        List<Store> stores = new ArrayList<>();
        try {
            for (Database database : databases) {
                stores.add(JdbcStore.open(database, JdbcStore.RUN_CHANGES / databases.size(), bodies));
            }
            return stores;
        } catch (RuntimeException e) {
            stores.forEach(Store::close);
            databases.forEach(Database::close);
            throw e;
        }
    }
}
