package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.support.Patience;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link EarlyEnd} knows of Camel's steps is tried with Camel itself: does the exchange end while the work waits? */
class EarlyEndTest {

    /** The work behind a step goes on until the test has looked. */
    private final CountDownLatch begun = new CountDownLatch(1);

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "to: { uri: 'seda:queue' }",
                "toD: { uri: 'seda:${header.queue}' }",
                "recipientList: { constant: 'seda:queue' }",
                "routingSlip: { constant: 'seda:queue' }",
                "wireTap: { uri: 'direct:work' }",
                "aggregate: { correlationExpression: { constant: all }, aggregationStrategy: '#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy', completionSize: 1, steps: [ { to: { uri: 'direct:work' } } ] }",
                "resequence: { simple: '${body}', batchConfig: { batchTimeout: '50' }, steps: [ { to: { uri: 'direct:work' } } ] }",
                "split: { simple: '${body}', parallelProcessing: true, timeout: '50', steps: [ { to: { uri: 'direct:work' } } ] }",
                "multicast: { parallelProcessing: true, timeout: '50', steps: [ { to: { uri: 'direct:work' } } ] }",
                "recipientList: { constant: 'direct:work', parallelProcessing: true, timeout: '50' }",
                "loop: { constant: '1', steps: [ { to: { uri: 'seda:queue' } } ] }",
            })
    void aStepThatIsNamedEndsTheExchangeBeforeItsWork(String step) throws Exception {
        try (DefaultCamelContext context = contextWith(step)) {
            assertThat(steps(context)).anyMatch(one -> EarlyEnd.of(one) != null);

            send(context);

            assertThat(ended.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            goOn.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "to: { uri: 'direct:work' }",
                "to: { uri: 'seda:queue?waitForTaskToComplete=Always' }",
                "threads: { poolSize: '2' }",
                "delay: { constant: '20', asyncDelayed: 'true' }",
                "throttle: { constant: '1000', asyncDelayed: 'true' }",
                "split: { simple: '${body}', parallelProcessing: 'true', steps: [ { to: { uri: 'direct:work' } } ] }",
                "multicast: { parallelProcessing: 'true', steps: [ { to: { uri: 'direct:work' } } ] }",
                "recipientList: { constant: 'direct:work' }",
                "routingSlip: { constant: 'direct:work' }",
                "loop: { constant: '1', steps: [ { to: { uri: 'direct:work' } } ] }",
                "enrich: { constant: 'direct:work' }",
                "doTry: { steps: [ { to: { uri: 'direct:work' } } ] }",
                "loadBalance: { failoverLoadBalancer: {}, steps: [ { to: { uri: 'direct:work' } } ] }",
            })
    void aStepThatIsNotNamedLetsTheExchangeWait(String step) throws Exception {
        try (DefaultCamelContext context = contextWith(step)) {
            assertThat(steps(context)).allMatch(one -> EarlyEnd.of(one) == null);

            send(context);

            assertThat(begun.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(ended.getCount()).isEqualTo(1);
            goOn.countDown();
            assertThat(ended.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    private static List<ProcessorDefinition<?>> steps(ModelCamelContext context) {
        return RouteModel.steps(context.getRouteDefinition("tried"));
    }

    private DefaultCamelContext contextWith(String step) throws Exception {
        DefaultCamelContext context = new LeanCamelContext(true);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("seda:queue?pollTimeout=20").to("direct:work");
                from("direct:work").process(this::work);
            }

            private void work(Exchange exchange) throws InterruptedException {
                begun.countDown();
                goOn.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
        String route = """
                - route:
                    id: tried
                    from:
                      uri: direct:in
                      steps:
                        - %s
                        - to: { uri: "%s" }
                """.formatted(step, step.contains("work") || step.contains("queue") ? "log:end" : "direct:work");
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("tried.yaml", route));
        context.start();
        return context;
    }

    private void send(DefaultCamelContext context) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("change");
        exchange.getMessage().setHeader("queue", "queue");
        AsyncProducer producer = context.getEndpoint("direct:in").createAsyncProducer();
        producer.start();
        Thread sender = new Thread(() -> producer.process(exchange, done -> ended.countDown()), "sender");
        sender.setDaemon(true);
        sender.start();
    }
}
