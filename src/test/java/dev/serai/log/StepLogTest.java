package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.StepLog;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.support.KameletRunner;
import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceContext;
import dev.serai.trace.TraceSpan;
import dev.serai.trace.Tracing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the steps of users' routes log. */
class StepLogTest {
    private static final String ROUTE = """
            - route:
                id: orders.out
                from:
                  uri: direct:out
                  steps:
                    - log: { message: "sent ${body}" }
                    - to: { uri: "log:dev.shop.Audit", parameters: { plain: true } }
            """;

    private static final String DEAD = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: k } }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: erp, maximumRedeliveries: 0 }
                  steps:
                    - throwException: { exceptionType: java.lang.IllegalStateException, message: "no" }
            """;
    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir
    private Path data;

    @Test
    void aDeadLetterIsLoggedWithTheTraceOfItsChange() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogHandler handler = new LogHandler(new PrintStream(out, true, StandardCharsets.UTF_8));
        handler.setFormat(new JsonFormat());
        Logger logger = Logger.getLogger("dev.serai.ledger");
        logger.addHandler(handler);
        try (KameletRunner runner = new KameletRunner(data)) {
            runner.context.getRegistry().bind("tracing", new OneTrace());
            runner.with(DEAD, Map.of()).start();
            runner.sendOk("direct:in", "{}", Map.of());
            Awaitility.await().until(() -> out.toString(StandardCharsets.UTF_8).contains("Dead letter: "));
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("Dead letter: ")))
                .singleElement()
                .asString()
                .contains("\"traceId\":\"0af7651916cd43dd8448eb211c80319c\"");
        assertThat(LogNames.traceId()).isNull();
    }

    /** All spans are the same. */
    private static final class OneTrace implements Tracing, TraceSpan {
        @Override
        public TraceSpan begin(String name, SpanRole role, @Nullable TraceContext parent) {
            return this;
        }

        @Override
        public TraceContext context() {
            return new TraceContext(TRACEPARENT, null);
        }

        @Override
        public TraceSpan set(String attribute, String value) {
            return this;
        }

        @Override
        public TraceSpan set(String attribute, long value) {
            return this;
        }

        @Override
        public void end(@Nullable String error) {}

        @Override
        public void close(Duration max) {}
    }

    @Test
    void theyAreUnderTheirRoutesIdWithFlowAndTargetOfTheDelivery() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogHandler handler = new LogHandler(new PrintStream(out, true, StandardCharsets.UTF_8));
        List<Logger> loggers = List.of(Logger.getLogger("orders.out"), Logger.getLogger("dev.shop.Audit"));
        loggers.forEach(logger -> logger.addHandler(handler));
        try (DefaultCamelContext context = new LeanCamelContext(true)) {
            StepLog.in(context, LedgerConstants.FLOW, LedgerConstants.TARGET);
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("test.yaml", ROUTE));
            context.start();
            context.createProducerTemplate().send("direct:out", exchange -> {
                exchange.getMessage().setBody("A-1");
                exchange.getMessage().setHeader(LedgerConstants.FLOW, "orders");
                exchange.getMessage().setHeader(LedgerConstants.TARGET, "erp");
            });
            context.createProducerTemplate().sendBody("direct:out", "A-2");
            handler.setFormat(new JsonFormat());
            context.createProducerTemplate().sendBodyAndHeader("direct:out", "A-3", "traceparent", TRACEPARENT);
            context.createProducerTemplate().sendBodyAndHeader("direct:out", "A-4", "traceparent", "no trace");
        } finally {
            loggers.forEach(logger -> logger.removeHandler(handler));
        }

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.subList(4, 8))
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"traceId\":\"0af7651916cd43dd8448eb211c80319c\""),
                        line -> assertThat(line).contains("\"traceId\":\"0af7651916cd43dd8448eb211c80319c\""),
                        line -> assertThat(line).contains("A-4").doesNotContain("traceId"),
                        line -> assertThat(line).contains("A-4").doesNotContain("traceId"));
        assertThat(lines.stream().limit(4).map(line -> line.substring(24)))
                .containsExactly(
                        "INFO  orders.out  [orders/erp] sent A-1",
                        "INFO  orders.out  [orders/erp] A-1",
                        "INFO  orders.out  sent A-2",
                        "INFO  orders.out  A-2");
        assertThat(LogNames.of("anything")).isEqualTo(LogNames.NONE);
    }
}
