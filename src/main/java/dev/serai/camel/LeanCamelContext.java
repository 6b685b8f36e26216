package dev.serai.camel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.LoggingLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.DefaultClassResolver;
import org.apache.camel.main.Main;
import org.apache.camel.spi.ClassResolver;
import org.jspecify.annotations.Nullable;

/**
 * A context of Camel that looks only once for what no jar has. Camel looks for dozens of optional service files in a start, for each
 * of them twice in all jars, and again in each context: of a reload, of a check, of a test.
 */
public final class LeanCamelContext extends DefaultCamelContext {

    public LeanCamelContext(boolean initializes) {
        super(initializes);
    }

    /** Camel's Main with such a context. */
    public static Main main() {
        return new Main() {
            @Override
            protected CamelContext createCamelContext() {
                LeanCamelContext context = new LeanCamelContext(false);
                context.getCamelContextExtension().setRegistry(registry);
                return context;
            }
        };
    }

    /** Before it adds a route, Camel looks at all endpoints of all routes to remove one of the same id, also if there is none. */
    @Override
    protected boolean removeRoute(String id, LoggingLevel level) throws Exception {
        return getRouteStatus(id) != null && super.removeRoute(id, level);
    }

    @Override
    protected ClassResolver createClassResolver() {
        return new Resolver(getCamelContextReference());
    }

    /** Threads: safe. */
    private static final class Resolver extends DefaultClassResolver {
        private static final String SERVICES = "META-INF/services/org/apache/camel/";
        /** The class path of a process does not change. Names can come from data, so their number is limited. */
        private static final Set<String> MISSING = ConcurrentHashMap.newKeySet();

        private static final int MISSING_MAX = 10_000;

        Resolver(CamelContext context) {
            super(context);
        }

        @Override
        public @Nullable InputStream loadResourceAsStream(String name) {
            if (!name.startsWith(SERVICES)) {
                return super.loadResourceAsStream(name);
            }
            try {
                URL found = service(name);
                return found == null ? null : found.openStream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public @Nullable URL loadResourceAsURL(String name) {
            return name.startsWith(SERVICES) ? service(name) : super.loadResourceAsURL(name);
        }

        private @Nullable URL service(String name) {
            if (MISSING.contains(name)) {
                return null;
            }
            URL found = Resolver.class.getClassLoader().getResource(name);
            if (found == null && MISSING.size() < MISSING_MAX) {
                MISSING.add(name);
            }
            return found;
        }
    }
}
