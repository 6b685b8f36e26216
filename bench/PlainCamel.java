import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.http.HttpMethods;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/**
 * What plain Apache Camel reaches on the work that Serai is measured by: a POST comes in at {@code /hook}, and its
 * body goes out as a POST to the target. {@code GET /ready} answers 200 once it runs.
 *
 * <p>{@code java PlainCamel direct|artemis PORT TARGET-URL DATA-DIRECTORY}
 *
 * <ul>
 *   <li>{@code direct}: the sender is answered 202 when the target has answered; nothing is stored, nothing repeated.
 *   <li>{@code artemis}: the sender is answered 202 when the body is synced to the journal of an embedded Artemis;
 *       64 transacted consumers deliver, and what fails is delivered again after 200 ms without end.
 * </ul>
 *
 * <p>Tuned as far as we know how, so that the comparison is fair: the outgoing method is a header of type {@link
 * HttpMethods} (a String costs a search for a converter in each call), and both HTTP sides have room for 64 at once.
 */
public final class PlainCamel {

    private static final int AT_ONCE = 64;
    private static final long REDELIVERY_MILLIS = 200;
    private static final long MEMORY_BYTES_MAX = 256L << 20;

    private PlainCamel() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 4) {
            System.err.println("usage: PlainCamel direct|artemis PORT TARGET-URL DATA-DIRECTORY");
            System.exit(2);
        }
        String mode = arguments[0];
        int port = Integer.parseInt(arguments[1]);
        String target = arguments[2] + "?bridgeEndpoint=true";

        Main main = new Main();
        main.addInitialProperty("camel.component.http.maxTotalConnections", String.valueOf(2 * AT_ONCE));
        main.addInitialProperty("camel.component.http.connectionsPerRoute", String.valueOf(2 * AT_ONCE));
        main.addMainListener(new HttpServer(port));
        switch (mode) {
            case "direct" -> main.configure().addRoutesBuilder(direct(target));
            case "artemis" -> {
                ActiveMQJMSConnectionFactory broker = startBroker(Path.of(arguments[3]));
                main.bind("broker", broker);
                main.bind("pool", pool(broker));
                main.configure().addRoutesBuilder(artemis(target));
            }
            default -> throw new IllegalArgumentException(mode);
        }
        main.run();
    }

    private static RouteBuilder direct(String target) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("platform-http:/hook?httpMethodRestrict=POST")
                        .convertBodyTo(byte[].class)
                        .removeHeaders("*")
                        .setHeader(Exchange.HTTP_METHOD, constant(HttpMethods.POST))
                        .to(target)
                        .removeHeaders("*")
                        .setHeader(Exchange.HTTP_RESPONSE_CODE, constant(202))
                        .setBody(constant(""));
                from("platform-http:/ready").setBody(constant("ready"));
            }
        };
    }

    private static RouteBuilder artemis(String target) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("jms:queue:changes?connectionFactory=#broker&transacted=true&lazyCreateTransactionManager=false"
                                + "&cacheLevelName=CACHE_CONSUMER&concurrentConsumers=" + AT_ONCE)
                        .removeHeaders("*")
                        .setHeader(Exchange.HTTP_METHOD, constant(HttpMethods.POST))
                        .to(target);
                from("platform-http:/hook?httpMethodRestrict=POST")
                        .convertBodyTo(byte[].class)
                        .removeHeaders("*")
                        .to(ExchangePattern.InOnly, "jms:queue:changes?connectionFactory=#pool&deliveryPersistent=true")
                        .removeHeaders("*")
                        .setHeader(Exchange.HTTP_RESPONSE_CODE, constant(202))
                        .setBody(constant(""));
                from("platform-http:/ready").setBody(constant("ready"));
            }
        };
    }

    /** Starts a broker in this process, which syncs its journal before it confirms. */
    private static ActiveMQJMSConnectionFactory startBroker(Path data) throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJournalDirectory(data.resolve("journal").toString())
                .setBindingsDirectory(data.resolve("bindings").toString())
                .setPagingDirectory(data.resolve("paging").toString())
                .setLargeMessagesDirectory(data.resolve("large").toString())
                .setJournalType(JournalType.NIO)
                .setJournalSyncNonTransactional(true)
                .setJournalSyncTransactional(true)
                .setJournalDatasync(true);
        configuration.addAcceptorConfiguration("in-vm", "vm://0");
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setMaxDeliveryAttempts(-1)
                        .setRedeliveryDelay(REDELIVERY_MILLIS)
                        .setMaxSizeBytes(MEMORY_BYTES_MAX));
        EmbeddedActiveMQ server = new EmbeddedActiveMQ();
        server.setConfiguration(configuration);
        server.start();

        ActiveMQJMSConnectionFactory broker = new ActiveMQJMSConnectionFactory("vm://0");
        broker.setBlockOnDurableSend(true);
        broker.setConsumerWindowSize(64 * 1024);
        return broker;
    }

    private static JmsPoolConnectionFactory pool(ActiveMQJMSConnectionFactory broker) {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(broker);
        pool.setMaxConnections(4);
        pool.setMaxSessionsPerConnection(500);
        return pool;
    }

    /** Camel's own HTTP server on loopback; each open request holds one of its workers. */
    private static final class HttpServer extends MainListenerSupport {

        private final int port;

        HttpServer(int port) {
            this.port = port;
        }

        @Override
        public void afterConfigure(BaseMainSupport main) {
            VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
            configuration.setBindHost("127.0.0.1");
            configuration.setBindPort(port);
            main.getCamelContext()
                    .getRegistry()
                    .bind("vertx", Vertx.vertx(new VertxOptions().setWorkerPoolSize(2 * AT_ONCE)));
            try {
                main.getCamelContext().addService(new VertxPlatformHttpServer(configuration));
            } catch (Exception e) {
                throw new IllegalStateException("cannot start the HTTP server", e);
            }
        }
    }
}
