package dev.serai.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.main.MainListener;
import org.apache.camel.spi.Language;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads route files as a node does, over an empty temporary ledger, and starts none of them. Errors in the files show, and
 * running routes are not affected.
 *
 * <p>Threads: one thread.
 */
public final class Rehearsal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

    private final RunOptions options;
    private final Path scratch;
    private final boolean touchesNothing;
    private @Nullable Node node;

    /** @param touchesNothing whether databases, folders and the like that the routes name are not looked at */
    public Rehearsal(RunOptions options, boolean touchesNothing) throws IOException {
        this.options = options;
        this.touchesNothing = touchesNothing;
        this.scratch = Files.createTempDirectory("serai-check");
    }

    /** Once; {@link StartFailure} explains what it throws. */
    public void load(List<Path> routeFiles) throws Exception {
        prepare(routeFiles).load(touchesNothing);
    }

    /**
     * Instead of {@link #load}: starts the routes.
     *
     * @param listener has to cut them off from everything outside
     * @param simple Camel's language of that name, as the routes shall have it
     */
    public void startForTrial(List<Path> routeFiles, MainListener listener, Language simple) throws Exception {
        prepare(routeFiles).startForTrial(listener, simple);
    }

    private Node prepare(List<Path> routeFiles) {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.put("camel.component.ledger.url", "jdbc:sqlite:" + scratch.resolve("ledger.db"));
        RunOptions scratched =
                new RunOptions(options.routes(), options.kamelets(), options.config(), options.data(), properties);
        Settings settings = Settings.load(scratched, System.getenv());
        if (touchesNothing) { // a reload leaves them to the running node
            TlsSettings.check(settings);
            settings.isLogJson(); // throws if it is neither that nor text
            TraceSettings.check(settings);
        }
        Node fresh = new Node(scratched, settings, routeFiles);
        node = fresh;
        return fresh;
    }

    /** Null if it could not be made. */
    public @Nullable Node node() {
        return node;
    }

    public CamelContext context() {
        if (node == null) {
            throw new IllegalStateException("nothing is loaded");
        }
        return node.context();
    }

    @Override
    public void close() {
        if (node != null) {
            node.close();
        }
        try (Stream<Path> tree = Files.walk(scratch)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            LOG.debug("Could not delete {}", scratch, e);
        }
    }
}
