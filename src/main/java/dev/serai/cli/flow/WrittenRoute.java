package dev.serai.cli.flow;

import java.nio.file.Path;
import java.util.List;

/**
 * A route as its file has it.
 *
 * @param from where it begins
 * @param to the endpoints of its steps, in the order of the file
 */
record WrittenRoute(Path file, String id, WrittenEndpoint from, List<WrittenEndpoint> to) {

    boolean feeds(String flow) {
        return to.stream()
                .anyMatch(step -> step.scheme().equals("ledger") && step.path().equals(flow));
    }
}
