package dev.serai.node;

import dev.serai.node.mistake.PlaceOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what else is wrong after routes could not be loaded. Camel gives up at the first file that it cannot read, so the files that are not
 * named yet are rehearsed without those that are, until nothing more is found.
 */
public final class FurtherMistakes {
    private FurtherMistakes() {}

    /**
     * The lines of the failure and of all that follow it.
     *
     * @param files the files of routes that were loaded
     */
    public static List<String> after(StartFailure failure, RunOptions options, List<Path> files) {
        List<String> lines = new ArrayList<>(failure.lines());
        List<Path> left = new ArrayList<>(files);
        StartFailure next = failure;
        while (next != null && next.exitCode() == StartFailure.CONFIGURATION) {
            List<String> last = next.lines();
            boolean isNamed = left.removeIf(file -> last.stream().anyMatch(line -> line.startsWith(file + ":")));
            next = isNamed && !left.isEmpty() ? rehearse(options, left) : null;
            if (next != null) {
                lines.addAll(next.lines());
            }
        }
        return lines.stream().distinct().sorted(PlaceOrder.BY_PLACE).toList();
    }

    /** The same after a node could not start, which looks less closely at its files than a rehearsal does. */
    public static List<String> afterStart(StartFailure failure, RunOptions options, List<Path> files) {
        boolean mayBeInFiles = failure.exitCode() == StartFailure.CONFIGURATION && !files.isEmpty();
        StartFailure seen = mayBeInFiles ? rehearse(options, files) : null;
        return after(seen == null ? failure : seen, options, files);
    }

    /** Null if nothing is wrong. */
    private static @Nullable StartFailure rehearse(RunOptions options, List<Path> files) {
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            try {
                rehearsal.load(files);
                return null;
            } catch (Exception | Error e) {
                Node node = rehearsal.node();
                return StartFailure.of(e, node == null ? null : node.context());
            }
        } catch (IOException e) {
            return null; // no room for the scratch ledger: what was found is told all the same
        }
    }
}
