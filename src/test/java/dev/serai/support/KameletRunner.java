package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.http.LimitedHttpComponent;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.node.SeraiKamelets;
import dev.serai.store.JdbcStore;
import dev.serai.text.ExactJson;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Camel with this project's SeraiKamelets and a ledger over a real store. */
public final class KameletRunner implements AutoCloseable {
    public final DefaultCamelContext context = new DefaultCamelContext();
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final ExecutorService completions = Executors.newFixedThreadPool(2);
    private final LedgerComponent component;

    public KameletRunner(Path data) {
        component = new LedgerComponent(url -> open(data));
        context.addComponent("ledger", component);
        SeraiKamelets kamelets = new SeraiKamelets();
        kamelets.setLocation("file:kamelets");
        context.getRegistry().bind("kamelet", kamelets);
        context.addComponent("http", new LimitedHttpComponent());
        context.getRegistry().bind("exactJson", ExactJson.mapper());
        context.getShutdownStrategy().setTimeout(20);
    }

    private Ledger open(Path data) {
        return new Ledger(
                JdbcStore.open(data.resolve("ledger.db")),
                new LedgerSettings(
                        Limits.DEFAULT,
                        new Retention(Duration.ofDays(7), Duration.ofDays(90)),
                        Clock.systemUTC(),
                        new Random(),
                        scheduler,
                        completions,
                        (target, state, age) -> {}));
    }

    public LedgerComponent component() {
        return component;
    }

    public Ledger ledger() {
        return component.ledger();
    }

    /** Adds routes, which may refer to these properties. */
    public KameletRunner with(String yaml, Map<String, String> properties) throws Exception {
        properties.forEach(context.getPropertiesComponent()::addOverrideProperty);
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("test.yaml", yaml));
        return this;
    }

    /** Adds the routes of a file. */
    public KameletRunner withFile(String file, Map<String, String> properties) throws Exception {
        properties.forEach(context.getPropertiesComponent()::addOverrideProperty);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(context, "file:" + file));
        return this;
    }

    public KameletRunner start() {
        context.start();
        return this;
    }

    public Exchange send(String uri, Object body, Map<String, Object> headers) {
        return context.createProducerTemplate().request(uri, exchange -> {
            exchange.getMessage().setBody(body);
            headers.forEach(exchange.getMessage()::setHeader);
        });
    }

    /** A change as it lies in the body of a batch. */
    public Exchange change(byte[] body, Map<String, Object> headers) {
        Exchange change = new DefaultExchange(context);
        change.getMessage().setBody(body);
        headers.forEach(change.getMessage()::setHeader);
        return change;
    }

    public Exchange sendOk(String uri, Object body, Map<String, Object> headers) {
        Exchange result = send(uri, body, headers);
        assertThat(result.getException()).isNull();
        return result;
    }

    @Override
    public void close() {
        context.stop();
        scheduler.shutdownNow();
        completions.shutdownNow();
    }
}
