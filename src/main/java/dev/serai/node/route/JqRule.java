package dev.serai.node.route;

import dev.serai.camel.expression.JqText;
import dev.serai.text.JqSyntax;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.language.jq.JqLanguage;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetHeadersDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.jspecify.annotations.Nullable;

/** Refuses steps whose jq expression cannot be evaluated: every message would fail on them. */
final class JqRule {
    private final Scope functions;

    private JqRule(Scope functions) {
        this.functions = functions;
    }

    /** Throws {@link ConfigurationException} with file, line, expression and place, one line for each. */
    static void refuseBroken(CamelContext context) {
        JqRule rule = new JqRule(((JqLanguage) context.resolveLanguage("jq")).getRootScope());
        List<String> faults = new ArrayList<>();
        for (RouteDefinition route : RouteModel.model(context).getRouteDefinitions()) {
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                for (ExpressionDefinition expression : expressions(step)) {
                    String fault = expression == null ? null : rule.fault(expression);
                    if (fault != null) {
                        String place = RouteLinks.place(route, step);
                        faults.add((place == null ? "" : place + ": ") + fault);
                    }
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new ConfigurationException(String.join("\n", faults));
        }
    }

    private static List<@Nullable ExpressionDefinition> expressions(ProcessorDefinition<?> step) {
        List<@Nullable ExpressionDefinition> expressions = new ArrayList<>();
        if (step instanceof ExpressionNode node) {
            expressions.add(node.getExpression());
        } else if (step instanceof ChoiceDefinition choice) {
            choice.getWhenClauses().forEach(when -> expressions.add(when.getExpression()));
        } else if (step instanceof SetHeadersDefinition several) {
            several.getHeaders().forEach(header -> expressions.add(header.getExpression()));
        }
        return expressions;
    }

    private @Nullable String fault(ExpressionDefinition expression) {
        String text = expression.getExpression();
        String language = expression.getLanguage();
        if (text == null || language == null) {
            return null;
        }
        if (language.equals("jq")) {
            return JqSyntax.fault(text, functions);
        }
        if (language.equals("simple")) {
            for (JqText.Part part : JqText.split(text)) {
                String fault = part.isJq() ? JqSyntax.fault(part.text(), functions) : null;
                if (fault != null) {
                    return fault;
                }
            }
        }
        return null;
    }
}
