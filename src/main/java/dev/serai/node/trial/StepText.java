package dev.serai.node.trial;

import dev.serai.text.SecretNames;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.util.URISupport;

/** What a step says. */
final class StepText {
    private static final Pattern LABEL = Pattern.compile("\\w+\\[(.*)]", Pattern.DOTALL);
    private static final Pattern RAW = Pattern.compile("RAW\\(((?:[^()]|\\([^()]*\\))*)\\)");

    private StepText() {}

    /** Without secrets. */
    static String of(ProcessorDefinition<?> step) {
        if (step instanceof EndpointRequiredDefinition to) {
            String uri = String.valueOf(to.getEndpointUri());
            return RAW.matcher(uri.startsWith("ledger:") ? uri : masked(uri)).replaceAll("$1");
        }
        String label = String.valueOf(step.getLabel());
        Matcher named = LABEL.matcher(label);
        String text = named.matches() ? named.group(1) : label;
        return text.equals(step.getShortName()) ? "" : masked(text);
    }

    private static String masked(String text) {
        return SecretNames.withoutUrlSecrets(URISupport.sanitizeUri(text));
    }
}
