package dev.serai.node.route;

import dev.serai.camel.FlowRoutes.FlowUse;
import dev.serai.node.Rehearsal;
import dev.serai.node.RunOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** A file of routes in a folder, as {@code serai check} sees it. */
record CheckedRoutes(Path folder) {

    List<String> lines(String routes) throws Exception {
        return lines(routes, Map.of());
    }

    List<String> lines(String routes, Map<String, String> properties) throws Exception {
        return checked(routes, properties, context -> GuaranteeTable.of(context).lines());
    }

    /** What the running node would say of a flow. */
    FlowUse use(String routes, String flow) throws Exception {
        return checked(routes, Map.of(), context -> new LoadedFlows(() -> context).of(flow));
    }

    /** What the running node would say of a flow before and after a second file is loaded. */
    List<FlowUse> usesBeforeAndAfter(String routes, String more, String flow) throws Exception {
        return checked(routes, Map.of(), context -> {
            LoadedFlows flows = new LoadedFlows(() -> context);
            FlowUse before = flows.of(flow);
            try {
                PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("more.camel.yaml", more));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return List.of(before, flows.of(flow));
        });
    }

    /** The flows that keep no digests, and where they say so. */
    Map<String, String> withoutDigests(String routes) throws Exception {
        return checked(routes, Map.of(), context -> new LoadedFlows(() -> context).withoutDigests());
    }

    /** What the running node would tell others of its files. */
    Map<String, String> digests(String routes) throws Exception {
        return checked(routes, Map.of(), context -> new LoadedFlows(() -> context).digests());
    }

    /** The steps of all routes, each with its line. */
    List<String> steps(String routes) throws Exception {
        return checked(routes, Map.of(), context -> RouteModel.model(context).getRouteDefinitions().stream()
                .filter(route -> RouteModel.kameletOf(route) == null)
                .flatMap(route -> RouteModel.steps(route).stream())
                .map(step -> step.getShortName() + ":" + step.getLineNumber())
                .toList());
    }

    private <T> T checked(String routes, Map<String, String> properties, Function<CamelContext, T> question)
            throws Exception {
        Path file = Files.writeString(folder.resolve("routes.camel.yaml"), routes);
        RunOptions options = new RunOptions(
                List.of(file.toString()),
                List.of(folder, Path.of("kamelets")),
                null,
                folder.resolve("data"),
                properties);
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            rehearsal.load(List.of(file));
            return question.apply(rehearsal.context());
        }
    }
}
