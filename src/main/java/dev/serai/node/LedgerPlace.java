package dev.serai.node;

import dev.serai.node.route.ConfigurationException;
import dev.serai.store.LedgerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;

/** The settings that say where the ledger is, and who this node is to others that use it. */
final class LedgerPlace {
    static final String USERNAME = "camel.component.ledger.username";
    static final String PASSWORD = "camel.component.ledger.password";
    static final String SCHEMA = "camel.component.ledger.schema";
    static final String SHARDS = "serai.shards";
    static final String NODE_NAME = "serai.node.name";

    /** What Camel and its routes are not told. */
    static final List<String> SECRET = List.of(USERNAME, PASSWORD, SCHEMA);

    private static final int SHARDS_MAX = 64;

    private LedgerPlace() {}

    /** Where the ledger is that a URL leads to. */
    static LedgerAddress address(Settings settings, String url) {
        try {
            return new LedgerAddress(
                    url,
                    settings.optional(USERNAME),
                    settings.optional(PASSWORD),
                    settings.get(SCHEMA),
                    (int) settings.number(SHARDS, 1, SHARDS_MAX, "a number of shards, 1 to " + SHARDS_MAX),
                    nodeName(settings),
                    Path.of(settings.get("serai.data")));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
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
