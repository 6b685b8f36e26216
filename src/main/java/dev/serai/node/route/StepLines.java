package dev.serai.node.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.NamedNode;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Gives the steps of YAML routes the line on which they are. Camel counts the line on which a step's value begins from 0: that is
 * the line of its name if the value is below it, and one too few if it is behind it, as in {@code - to: { uri: … }}.
 *
 * <p>Threads: one thread at a time, that which adds routes.
 */
final class StepLines extends ModelLifecycleStrategySupport {
    /** Read last: the routes of one file are added together. */
    private @Nullable Path file;

    private @Nullable FileTime changedAt;
    private List<String> lines = List.of();

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        correct(route);
        if (route.getInput() != null) {
            correct(route.getInput());
        }
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            correct(step);
        }
    }

    private void correct(OptionalIdentifiedDefinition<?> node) {
        int line = node.getLineNumber();
        if (line > 0 && isOnTheNext(node, line)) {
            node.setLineNumber(line + 1);
        }
    }

    private boolean isOnTheNext(NamedNode node, int line) {
        List<String> all = linesOf(node.getLocation());
        if (line >= all.size()) {
            return false;
        }
        String name = Pattern.quote(node.getShortName()) + "[\"']?\\s*:";
        return !all.get(line - 1).matches("(.*[\\s{,\"'-])?" + name + "\\s*(#.*)?")
                && all.get(line).matches("(.*[\\s{,\"'-])?" + name + "\\s+[^\\s#].*");
    }

    private List<String> linesOf(@Nullable String location) {
        if (location == null || !location.startsWith("file:") || !location.matches(".*\\.ya?ml")) {
            return List.of();
        }
        Path path = Path.of(location.substring("file:".length()));
        try {
            FileTime time = Files.getLastModifiedTime(path);
            if (!path.equals(file) || !time.equals(changedAt)) { // routes are added again when their file changes
                lines = Files.readAllLines(path);
                file = path;
                changedAt = time;
            }
            return lines;
        } catch (IOException | RuntimeException e) {
            return List.of(); // whoever loads the file reports it
        }
    }
}
