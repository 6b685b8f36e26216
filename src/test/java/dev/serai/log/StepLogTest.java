package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.StepLog;
import dev.serai.camel.ledger.LedgerConstants;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Logger;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

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

    @Test
    void theyAreUnderTheirRoutesIdWithFlowAndTargetOfTheDelivery() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogHandler handler = new LogHandler(new PrintStream(out, true, StandardCharsets.UTF_8));
        List<Logger> loggers = List.of(Logger.getLogger("orders.out"), Logger.getLogger("dev.shop.Audit"));
        loggers.forEach(logger -> logger.addHandler(handler));
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            StepLog.in(context, LedgerConstants.FLOW, LedgerConstants.TARGET);
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("test.yaml", ROUTE));
            context.start();
            context.createProducerTemplate().send("direct:out", exchange -> {
                exchange.getMessage().setBody("A-1");
                exchange.getMessage().setHeader(LedgerConstants.FLOW, "orders");
                exchange.getMessage().setHeader(LedgerConstants.TARGET, "erp");
            });
            context.createProducerTemplate().sendBody("direct:out", "A-2");
        } finally {
            loggers.forEach(logger -> logger.removeHandler(handler));
        }

        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.substring(24)))
                .containsExactly(
                        "INFO  orders.out  [orders/erp] sent A-1",
                        "INFO  orders.out  [orders/erp] A-1",
                        "INFO  orders.out  sent A-2",
                        "INFO  orders.out  A-2");
        assertThat(LogNames.of("anything")).isEqualTo(LogNames.NONE);
    }
}
