package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.node.Node;
import dev.serai.node.RouteFiles;
import dev.serai.node.RunOptions;
import dev.serai.node.route.ConfigurationException;
import dev.serai.text.NearestName;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds the push sources of a flow in the files of routes that a node with the same options loads. */
final class PushSourceFinder {
    /** What leads from one route to another. */
    private static final Set<String> LINKS = Set.of("direct", "seda", "disruptor", "vertx");

    private final RunOptions options;
    private final PropertyText properties;
    private final WrittenRoutes written;

    PushSourceFinder(RunOptions options, Map<String, String> environment) {
        this.options = options;
        this.properties = new PropertyText(options, environment);
        try {
            this.written = WrittenRoutes.of(RouteFiles.find(options));
        } catch (ConfigurationException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    /** At least one, in the order of the files. Throws {@link CliException} that says what there is, if there is none. */
    List<PushSource> of(String flow) {
        TreeSet<String> flows = written.flows();
        if (!flows.contains(flow)) {
            throw new CliException(
                    ExitCode.USAGE,
                    "there is no flow " + flow + NearestName.hint(flow, flows) + ": "
                            + (flows.isEmpty()
                                    ? "no route writes to a ledger"
                                    : "there are " + String.join(", ", flows)));
        }
        List<Path> folders = Node.kameletFolders(options);
        List<PushSource> sources = new ArrayList<>();
        Set<WrittenRoute> origins = origins(flow);
        for (WrittenRoute route : origins) {
            OpenedRoute opened =
                    OpenedRoute.of(route, written.beans(), name -> WrittenKamelet.find(properties.of(name), folders));
            if (PushSource.is(opened)) {
                sources.add(new PushSource(route, opened, properties));
            }
        }
        if (sources.isEmpty()) {
            String begins = origins.stream()
                    .map(route -> route.from().address() + " in " + route.file())
                    .collect(Collectors.joining(", "));
            throw new CliException(
                    ExitCode.USAGE,
                    "nothing can be pushed to the flow " + flow + ", which comes from "
                            + (begins.isEmpty() ? "no source" : begins));
        }
        return sources;
    }

    /** The routes with which the ways into a flow begin. */
    private Set<WrittenRoute> origins(String flow) {
        Set<WrittenRoute> origins = new LinkedHashSet<>();
        Set<WrittenRoute> seen = new LinkedHashSet<>();
        Deque<WrittenRoute> next = new ArrayDeque<>(
                written.routes().stream().filter(route -> route.feeds(flow)).toList());
        while (!next.isEmpty()) {
            WrittenRoute route = next.remove();
            if (!seen.add(route)) {
                continue;
            }
            WrittenEndpoint from = route.from();
            if (LINKS.contains(from.scheme())) {
                written.routes().stream()
                        .filter(other -> other.to().stream()
                                .anyMatch(step -> step.address().equals(from.address())))
                        .forEach(next::add);
            } else {
                origins.add(route);
            }
        }
        return origins;
    }
}
