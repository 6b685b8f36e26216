package dev.serai.node.trial;

import dev.serai.node.route.RouteModel;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** What a step says, and where it stands. */
final class StepText {
    private static final Pattern PLACE = Pattern.compile("(.*):(\\d+)");
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

    /** File and line; null if they are not known. Camel is one line short for steps in braces. */
    static @Nullable String place(ProcessorDefinition<?> step) {
        String place = RouteModel.placeOf(step);
        Matcher parts = place == null ? null : PLACE.matcher(place);
        if (parts == null || !parts.matches()) {
            return place;
        }
        try {
            List<String> lines = Files.readAllLines(Path.of(parts.group(1)));
            int line = Integer.parseInt(parts.group(2));
            Pattern begin = Pattern.compile("(?:.*[\\s{-])?" + Pattern.quote(step.getShortName()) + ":.*");
            boolean isNext = line < lines.size()
                    && !begin.matcher(lines.get(line - 1)).matches()
                    && begin.matcher(lines.get(line)).matches();
            return isNext ? parts.group(1) + ":" + (line + 1) : place;
        } catch (IOException | RuntimeException e) { // what is no readable file has no better place
            return place;
        }
    }
}
