package dev.serai.node.route;

import dev.serai.node.Rehearsal;
import dev.serai.node.RunOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A file of routes in a folder, as {@code serai check} sees it. */
record CheckedRoutes(Path folder) {

    List<String> lines(String routes) throws Exception {
        return lines(routes, Map.of());
    }

    List<String> lines(String routes, Map<String, String> properties) throws Exception {
        Path file = Files.writeString(folder.resolve("routes.camel.yaml"), routes);
        RunOptions options = new RunOptions(
                List.of(file.toString()),
                List.of(folder, Path.of("kamelets")),
                null,
                folder.resolve("data"),
                properties);
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            rehearsal.load(List.of(file));
            return GuaranteeTable.of(rehearsal.context()).lines();
        }
    }
}
