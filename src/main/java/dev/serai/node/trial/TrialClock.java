package dev.serai.node.trial;

import com.fasterxml.jackson.databind.node.DecimalNode;
import dev.serai.text.JqFunctions;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.language.simple.SimpleLanguage;
import org.apache.camel.spi.Language;

/**
 * The time and the made-up ids of a trial, which are the same each time: {@code ${date:now}} and {@code ${uuid}} of simple, {@code now} of
 * jq.
 *
 * <p>Threads: one thread sets it.
 */
final class TrialClock {
    private static final String PROPERTY = "SeraiTrialTime";
    private static final BigDecimal MILLIS = BigDecimal.valueOf(1000);

    private volatile Instant now;

    TrialClock(Instant now) {
        this.now = now;
    }

    void set(Instant time) {
        now = time;
    }

    Instant now() {
        return now;
    }

    /** Before the context's routes are read. */
    void in(CamelContext context) {
        AtomicLong last = new AtomicLong();
        context.setUuidGenerator(() -> "trial-" + last.incrementAndGet());
    }

    Language simple() {
        return new TrialSimple();
    }

    /** After the node has bound jq's functions. */
    Scope jqFunctions() {
        Scope scope = JqFunctions.newScope();
        scope.addFunction(
                "now",
                0,
                (within, arguments, in, path, output, version) -> output.emit(
                        DecimalNode.valueOf(
                                BigDecimal.valueOf(now.toEpochMilli()).divide(MILLIS)),
                        null));
        return scope;
    }

    void tell(Exchange exchange) {
        exchange.setProperty(PROPERTY, Date.from(now));
    }

    /** Simple, in which now is the time that the exchange was told. */
    private static final class TrialSimple extends SimpleLanguage {
        private static String told(String expression) {
            return expression
                    .replace("date:now", "date:exchangeProperty." + PROPERTY)
                    .replace("date:millis", "date:exchangeProperty." + PROPERTY)
                    .replace("date-with-timezone:now", "date-with-timezone:exchangeProperty." + PROPERTY);
        }

        @Override
        public Predicate createPredicate(String expression) {
            return super.createPredicate(told(expression));
        }

        @Override
        public Predicate createPredicate(String expression, Object[] properties) {
            return super.createPredicate(told(expression), properties);
        }

        @Override
        public Expression createExpression(String expression) {
            return super.createExpression(told(expression));
        }

        @Override
        public Expression createExpression(String expression, Object[] properties) {
            return super.createExpression(told(expression), properties);
        }
    }
}
