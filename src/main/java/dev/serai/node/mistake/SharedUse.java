package dev.serai.node.mistake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Finds ids, paths and targets that two routes have, and each of which only one may have. */
final class SharedUse {
    private static final String INGRESS = "ingress";

    private final CamelContext context;
    private final KameletFolders kamelets;
    private final Map<String, String> places = new HashMap<>();
    private final List<Mistake> found = new ArrayList<>();

    private SharedUse(CamelContext context, KameletFolders kamelets) {
        this.context = context;
        this.kamelets = kamelets;
    }

    static List<Mistake> find(CamelContext context, KameletFolders kamelets, List<EndpointUse> uses) {
        SharedUse shared = new SharedUse(context, kamelets);
        uses.stream().filter(EndpointUse::isFrom).forEach(shared::noteSource);
        return shared.found;
    }

    /** Camel refuses shared ids without their places, before it keeps any route; so the text is searched. */
    static List<Mistake> ofIds(List<Path> files, List<String> ids) {
        List<Mistake> found = new ArrayList<>();
        for (String id : ids) {
            Pattern written = Pattern.compile(
                    "(^|[\\s{,])id[\"']?\\s*[:=]\\s*[\"']?" + Pattern.quote(id) + "[\"']?\\s*([,}/>\\s#]|$)");
            String first = null;
            for (Path file : files) {
                List<String> lines = TextPlace.lines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (written.matcher(lines.get(i)).find()) {
                        String here = file + ":" + (i + 1);
                        if (first == null) {
                            first = here;
                        } else {
                            found.add(new Mistake(
                                    here,
                                    "the route at " + first + " has the route id " + id
                                            + " too: give each route its own id"));
                        }
                    }
                }
            }
        }
        return found;
    }

    private void noteSource(EndpointUse use) {
        if (use.scheme().equals("ledger")) {
            String target = value(use.parameters().get("target"));
            String flow = value(use.path());
            if (target != null && flow != null) {
                note(
                        "target " + flow + "/" + target,
                        use.place(),
                        "is the target " + target + " of the flow " + flow
                                + " too: give each route its own target name");
            }
            return;
        }
        String path = value(path(use));
        if (path != null && !use.parameters().containsKey("methods")) {
            String served = path.startsWith("/") ? path : "/" + path;
            note("path " + served, use.place(), "takes requests on " + served + " too: give each source its own path");
        }
    }

    /** The path of the flows' port that a source listens on; null if it does not listen there. */
    private @Nullable String path(EndpointUse use) {
        if (use.scheme().equals(INGRESS)) {
            return use.path();
        }
        if (!use.scheme().equals("kamelet")) {
            return null;
        }
        return kamelets.definition(use.name())
                .filter(definition -> definition.from().startsWith(INGRESS + ":{{path}}"))
                .map(definition -> use.parameters().get("path"))
                .orElse(null);
    }

    private @Nullable String value(@Nullable String written) {
        return written == null ? null : EndpointUse.resolved(context, written);
    }

    private void note(String what, @Nullable String place, String reason) {
        String here = Objects.requireNonNullElse(place, "a route");
        String other = places.putIfAbsent(what, here);
        if (other != null) {
            found.add(new Mistake(place, "the route at " + other + " " + reason));
        }
    }
}
