package dev.serai.cli;

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
            @Nullable RunOptions plain = PlainArguments.read(List.of(arguments).subList(1, arguments.length));
            if (plain != null) {
                return new Runner(System.out, System.err).run(plain);
            }
        }
        return Cli.execute(out, err, arguments);
    }
}
