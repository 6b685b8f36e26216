package dev.serai.cli;

import dev.serai.cli.client.NodeArguments;
import dev.serai.node.RunOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(description = "Runs the routes until SIGTERM or Ctrl-C.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private final NodeArguments arguments = new NodeArguments();

    RunOptions options() {
        return arguments.options();
    }

    @Override
    public Integer call() {
        return new Runner(System.out, System.err).run(options());
    }
}
