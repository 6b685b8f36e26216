package dev.serai.node;

import dev.serai.cluster.PeerNetwork;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.node.route.ConfigurationException;
import dev.serai.signature.HmacKey;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Where the ledger is, and who this node is to others that use it, by the settings. */
final class LedgerPlace {
    static final String USERNAME = "camel.component.ledger.username";
    static final String PASSWORD = "camel.component.ledger.password";
    static final String SCHEMA = "camel.component.ledger.schema";
    static final String SHARDS = "serai.shards";
    static final String NODE_NAME = "serai.node.name";
    static final String NODE_HOST = "serai.node.host";
    static final String NODE_PORT = "serai.node.port";
    static final String NODE_SECRET = "serai.node.secretFile";

    /** What Camel and its routes are not told. */
    static final List<String> SECRET = List.of(USERNAME, PASSWORD, SCHEMA);

    private static final int SHARDS_MAX = 64;
    /** What a group of changes costs counts once for each shard that they fall to, so one node alone has one. */
    private static final int SHARDS_ALONE = 1;
    /** As many nodes can deliver. */
    private static final int SHARDS_SHARED = 16;

    private static final int SECRET_CHARS_MIN = 16;

    private LedgerPlace() {}

    /** Where the ledger is that a URL leads to. */
    static LedgerAddress address(Settings settings, String url) {
        try {
            return new LedgerAddress(
                    url,
                    settings.optional(USERNAME),
                    settings.optional(PASSWORD),
                    settings.get(SCHEMA),
                    shards(settings, url),
                    nodeName(settings),
                    Path.of(settings.get("serai.data")));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** How many shards a ledger has that is made. */
    private static int shards(Settings settings, String url) {
        if (settings.optional(SHARDS) == null) {
            int databases = LedgerAddress.urls(url).size();
            return Math.max(databases, settings.optional(NODE_PORT) == null ? SHARDS_ALONE : SHARDS_SHARED);
        }
        return (int) settings.number(SHARDS, 1, SHARDS_MAX, "a number of shards, 1 to " + SHARDS_MAX);
    }

    /** Opens the ledger that a URL leads to: for this node alone, or to be shared if the settings have an internal port. */
    static Ledger open(Settings settings, String url, BodyCipher bodies, LedgerSettings ledger) {
        LedgerAddress address = address(settings, url);
        if (!address.isPostgres() || !isShared(settings)) {
            return new Ledger(LedgerStores.open(address, bodies), ledger);
        }
        PeerNetwork network = network(settings, ledger.completions());
        try {
            return new Ledger(LedgerStores.join(address, network.address(), bodies), network, ledger);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** The tables beside the log of a ledger in PostgreSQL; null for one in a file. */
    static @Nullable SideTables sideTables(Settings settings) {
        String url = settings.get("camel.component.ledger.url");
        if (!LedgerAddress.isPostgres(url)) {
            return null;
        }
        try {
            return LedgerStores.sideTables(address(settings, url));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether the node may share its ledger with others. */
    static boolean isShared(Settings settings) {
        boolean hasPort = settings.optional(NODE_PORT) != null;
        if (hasPort != (settings.optional(NODE_SECRET) != null)) {
            throw new ConfigurationException("nodes that share a ledger need both " + NODE_PORT + " and " + NODE_SECRET
                    + ": set " + (hasPort ? NODE_SECRET + " to a file with a secret that all nodes have" : NODE_PORT));
        }
        return hasPort;
    }

    private static PeerNetwork network(Settings settings, Executor completions) {
        String secret = secret(settings);
        try {
            return PeerNetwork.open(settings.get(NODE_HOST), settings.port(NODE_PORT), secret, completions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String secret(Settings settings) {
        Path file = Path.of(settings.get(NODE_SECRET));
        try {
            String secret = Files.readString(file).strip();
            if (secret.length() < SECRET_CHARS_MIN) {
                throw new ConfigurationException(NODE_SECRET + ": the secret in " + file + " must have at least "
                        + SECRET_CHARS_MIN + " characters, for example of: openssl rand -hex 32");
            }
            return secret;
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(
                    NODE_SECRET + ": " + file + " does not exist: make it with the secret of the other nodes", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A key for a purpose that all nodes of the ledger have; the secret cannot be derived from it. Null if the node shares no ledger. */
    static byte @Nullable [] sharedKey(Settings settings, String purpose) {
        return isShared(settings)
                ? new HmacKey(secret(settings).getBytes(StandardCharsets.UTF_8))
                        .sign(purpose.getBytes(StandardCharsets.UTF_8))
                : null;
    }

    /** Refuses to share a ledger that only one node can use. */
    static void refuseUnshared(Settings settings, String url) {
        if (!isShared(settings)) {
            return;
        }
        if (!address(settings, url).isPostgres()) {
            throw new ConfigurationException(NODE_PORT + " is set, but the ledger is in a file, which only one node can"
                    + " use: remove the setting, or set camel.component.ledger.url to a PostgreSQL");
        }
    }

    private static String nodeName(Settings settings) {
        String name = settings.optional(NODE_NAME);
        if (name != null) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) { // the machine does not know its own name
            return "unnamed";
        }
    }
}
