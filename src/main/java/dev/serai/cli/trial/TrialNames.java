package dev.serai.cli.trial;

import dev.serai.node.trial.RouteTrial;
import dev.serai.node.trial.TrialRoute;
import dev.serai.text.NearestName;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the route that a user names; what it throws says which there are. */
final class TrialNames {
    private final RouteTrial trial;

    TrialNames(RouteTrial trial) {
        this.trial = trial;
    }

    /** By its id, as {@code FLOW/TARGET}, or as the source of a flow. */
    TrialRoute any(String name) {
        TrialRoute byId = trial.byId(name);
        TrialRoute route = byId == null ? trial.byTarget(name) : byId;
        if (route != null) {
            return route;
        }
        if (trial.flows().contains(name)) {
            return ofFlow(name);
        }
        TreeSet<String> known = new TreeSet<>(trial.flows());
        known.addAll(ids());
        known.addAll(targets());
        throw new IllegalArgumentException("there is no route, flow or target " + name + hint(name, known)
                + list("routes", ids()) + list("flows", trial.flows()));
    }

    TrialRoute ofFlow(String flow) {
        if (!trial.flows().contains(flow)) {
            throw new IllegalArgumentException(
                    "there is no flow " + flow + hint(flow, trial.flows()) + list("flows", trial.flows()));
        }
        List<TrialRoute> sources = trial.sourcesOf(flow);
        if (sources.size() == 1) {
            return sources.get(0);
        }
        throw new IllegalArgumentException("the flow " + flow + " has "
                + (sources.isEmpty()
                        ? "no source"
                        : sources.size() + " sources, name one of their routes: "
                                + sources.stream().map(TrialRoute::id).collect(Collectors.joining(", "))));
    }

    TrialRoute ofId(String id) {
        TrialRoute route = trial.byId(id);
        if (route == null) {
            throw new IllegalArgumentException(
                    "there is no route with the id " + id + hint(id, ids()) + list("ids", ids()));
        }
        return route;
    }

    TrialRoute ofTarget(String name) {
        TrialRoute route = trial.byTarget(name);
        if (route == null) {
            throw new IllegalArgumentException(
                    "there is no target " + name + hint(name, targets()) + list("targets", targets()));
        }
        return route;
    }

    private static String hint(String name, Iterable<String> known) {
        TreeSet<String> names = new TreeSet<>();
        known.forEach(names::add);
        return NearestName.hint(name, names);
    }

    private static String list(String what, Iterable<String> known) {
        String names = String.join(", ", known);
        return "; " + what + ": " + (names.isEmpty() ? "none" : names);
    }

    private List<String> ids() {
        return trial.routes().stream().map(TrialRoute::id).toList();
    }

    private List<String> targets() {
        return trial.routes().stream()
                .map(TrialNames::name)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    private static @Nullable String name(TrialRoute route) {
        return route.name();
    }
}
