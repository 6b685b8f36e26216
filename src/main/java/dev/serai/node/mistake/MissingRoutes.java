package dev.serai.node.mistake;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;

/** Finds routes that parameters name and no file has. One may still come, so that is no mistake. */
public final class MissingRoutes {
    private static final String DIRECT = "direct:";

    private MissingRoutes() {}

    /** A line for each {@code confirm: direct:NAME} without a route that begins with it. */
    public static List<String> warnings(CamelContext context) {
        List<EndpointUse> uses = EndpointUse.all(context);
        Set<String> there = uses.stream()
                .filter(use -> use.isFrom() && use.scheme().equals("direct"))
                .map(use -> context.resolvePropertyPlaceholders(use.path()))
                .collect(Collectors.toSet());
        return uses.stream()
                .filter(use ->
                        use.scheme().equals("kamelet") && use.parameters().containsKey("confirm"))
                .filter(use -> {
                    String asked = asked(context, use);
                    return asked.startsWith(DIRECT) && !there.contains(nameOf(asked));
                })
                .map(use -> (use.place() == null ? "" : use.place() + ": ") + "confirm asks direct:"
                        + nameOf(asked(context, use)) + ", and none of these routes begins with it: as long as none"
                        + " does, a change that may have arrived is not sent again, and its target counts as down")
                .toList();
    }

    private static String asked(CamelContext context, EndpointUse use) {
        String given = use.parameters().getOrDefault("confirm", "");
        return String.valueOf(context.resolvePropertyPlaceholders(given)).strip(); // null for {{?name}} that is not set
    }

    private static String nameOf(String asked) {
        return asked.substring(DIRECT.length()).replaceFirst("^//", "").replaceFirst("\\?.*", "");
    }
}
