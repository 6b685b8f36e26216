package dev.serai.connector.http.token;

import dev.serai.ledger.time.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The owners of the tokens of a Camel context, one for each app.
 *
 * <p>Threads: safe.
 */
final class TokenRegistry extends ServiceSupport {
    private final CamelContext context;
    private final Map<String, TokenOwner> owners = new ConcurrentHashMap<>();

    private TokenRegistry(CamelContext context) {
        this.context = context;
    }

    /** The context's own. */
    static TokenRegistry of(CamelContext context) throws Exception {
        synchronized (context) {
            TokenRegistry registry = context.hasService(TokenRegistry.class);
            if (registry == null) {
                registry = new TokenRegistry(context);
                context.addService(registry, true, true);
            }
            return registry;
        }
    }

    /** The owner of an app's token. With another secret it is another one, since the secret may have been mended. */
    TokenOwner owner(TokenOptions options) {
        String app = options.app() + "\n" + options.clientSecret();
        return owners.computeIfAbsent(
                app,
                key -> new TokenOwner(TimeSource.system(), new TokenStore(context, options), options.refreshToken()));
    }
}
