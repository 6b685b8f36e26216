package dev.serai.cli.flow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A route whose source is a component, no longer a Kamelet.
 *
 * @param beans the properties of the beans that its endpoints may name
 */
record OpenedRoute(WrittenEndpoint from, List<WrittenEndpoint> steps, Map<String, Map<String, String>> beans) {
    private static final int DEPTH_MAX = 5;

    /** @param kamelet finds one by its name, or null */
    static OpenedRoute of(
            WrittenRoute route,
            Map<String, Map<String, String>> beans,
            Function<String, @Nullable WrittenKamelet> kamelet) {
        OpenedRoute opened = new OpenedRoute(route.from(), route.to(), beans);
        for (int i = 0; i < DEPTH_MAX && opened.from.scheme().equals("kamelet"); i++) {
            WrittenKamelet named = kamelet.apply(opened.from.path().replaceFirst("/.*", ""));
            if (named == null) {
                return opened;
            }
            opened = named.open(opened.from.parameters()).before(opened);
        }
        return opened;
    }

    private OpenedRoute before(OpenedRoute rest) {
        List<WrittenEndpoint> all = new ArrayList<>(steps);
        all.addAll(rest.steps);
        Map<String, Map<String, String>> both = new HashMap<>(rest.beans);
        both.putAll(beans);
        return new OpenedRoute(from, all, both);
    }

    /** The step that verifies who sent a request; null if none does. */
    @Nullable WrittenEndpoint signature() {
        return steps.stream()
                .filter(step -> step.scheme().equals("signature")
                        && !"sign".equalsIgnoreCase(step.parameters().getOrDefault("action", "")))
                .findFirst()
                .orElse(null);
    }
}
