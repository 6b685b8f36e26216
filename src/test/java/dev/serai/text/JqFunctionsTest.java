package dev.serai.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import java.util.Objects;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.language.jq.JqLanguage;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class JqFunctionsTest {
    @Test
    void routesUseItsFunctionsAndTheOnesThatCamelAdds() throws Exception {
        try (CamelContext context = new LeanCamelContext(true)) {
            Scope functions = JqFunctions.newScope();
            context.getRegistry().bind("jqFunctions", Scope.class, () -> functions);
            JqLanguage jq = (JqLanguage) context.resolveLanguage("jq");
            assertThat(jq.getRootScope()).isSameAs(functions);
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setHeader("name", "n");
            exchange.getMessage().setBody("{\"a\": [3, 1], \"pick\": {\"b\": 1, \"c\": 2}}");
            assertThat(evaluate(jq, "[.a | sort[] | tostring] | join(\"-\") + header(\"name\")", exchange))
                    .isEqualTo("1-3n");
            // Of the version that Camel's language has.
            assertThat(evaluate(jq, ".pick | pick(.b) | tojson", exchange)).isEqualTo("{\"b\":1}");
        }
    }

    @Test
    void oneContextsFunctionsAreNotAnothers() {
        Scope one = JqFunctions.newScope();
        one.addFunction("mine", Objects.requireNonNull(one.getFunction("length", 0)));
        assertThat(JqFunctions.newScope().getFunction("mine", 0)).isNull();
    }

    private static String evaluate(JqLanguage jq, String expression, Exchange exchange) {
        return jq.createExpression(expression).evaluate(exchange, String.class);
    }
}
