package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.NotSentException;
import dev.serai.camel.ledger.RestoreHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSinkConfirmRouteTest {
    @TempDir
    private Path folder;

    private final HttpSinkConfirmRoute asked = Objects.requireNonNull(HttpSinkConfirmRoute.of(" direct:asked "));
    private DefaultCamelContext context;

    @BeforeEach
    void start() {
        context = new LeanCamelContext(true);
        context.start();
    }

    @AfterEach
    void stop() throws IOException {
        context.close();
    }

    private void answers(Processor answer) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:asked").process(answer);
            }
        });
    }

    private Exchange delivery(String id) {
        Exchange delivery = new DefaultExchange(context);
        delivery.getMessage().setHeader(LedgerConstants.ID, id);
        RestoreHeaders.keep(delivery);
        return delivery;
    }

    @Test
    void anInterruptIsAStopOfThisNodeAndSaysNothingOfTheTarget() throws Exception {
        answers(exchange -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> asked.hasArrived(delivery("1"))).isInstanceOf(NotSentException.class);
    }

    @Test
    void itHasNoBodyThatCouldBeTakenForAnAnswer() throws Exception {
        answers(exchange -> {});
        Exchange delivery = delivery("1");
        delivery.getMessage().setBody("true");
        assertThatThrownBy(() -> asked.hasArrived(delivery)).hasMessageContaining("neither true nor false");
    }

    @Test
    void aRouteThatIsGoneIsNoAnswer() {
        HttpSinkConfirmRoute gone = Objects.requireNonNull(HttpSinkConfirmRoute.of("direct:gone?timeout=1"));
        assertThatThrownBy(() -> gone.hasArrived(delivery("1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "nobody knows whether it arrived before: direct:gone?timeout=1 failed: No consumers");
    }

    /** The example of docs/targets.md. */
    @Test
    void aDatabaseIsAsked() throws Exception {
        try (HikariDataSource shop = new HikariDataSource()) {
            shop.setJdbcUrl("jdbc:sqlite:" + folder.resolve("shop.db"));
            try (Connection connection = shop.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate("CREATE TABLE payments (reference VARCHAR(64))");
                statement.executeUpdate("INSERT INTO payments VALUES ('paid')");
            }
            context.getRegistry().bind("shop", shop);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:asked")
                            .to(
                                    "sql:SELECT COUNT(*) FROM payments WHERE reference = :#CamelLedgerId?dataSource=#bean:shop"
                                            + "&outputType=SelectOne")
                            .setBody()
                            .simple("${iif(${body} > 0,true,false)}");
                }
            });
            assertThat(asked.hasArrived(delivery("paid"))).isTrue();
            assertThat(asked.hasArrived(delivery("new' OR 1=1 --"))).isFalse();
        }
    }
}
