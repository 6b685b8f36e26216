package dev.serai.cli;

import dev.serai.cli.client.NodeArguments;
import dev.serai.node.Preload;
import dev.serai.node.RunOptions;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of the program. A plain {@code run} goes without the command line's parser, whose classes are in no archive and take a fifth of a
 * start; the parser reads all else, and refuses what is wrong.
 */
public final class Invocation {
    private Invocation() {}

    /** Executes the arguments, and returns the exit code of the process. */
    public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("run")) {
            Preload.start();
            @Nullable RunOptions plain = plain(List.of(arguments).subList(1, arguments.length));
            if (plain != null) {
                return new Runner(System.out, System.err).run(plain);
            }
        }
        return Cli.execute(out, err, arguments);
    }

    /** The options of {@code run} in the plain form, name and value as two words; null for all that the parser has to look at. */
    static @Nullable RunOptions plain(List<String> words) {
        NodeArguments arguments = new NodeArguments();
        for (int i = 0; i < words.size(); i += 2) {
            if (i + 1 == words.size() || !arguments.take(words.get(i), words.get(i + 1))) {
                return null;
            }
        }
        return arguments.options();
    }
}
