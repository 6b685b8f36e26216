package dev.serai.cli;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeArguments;
import dev.serai.node.RunOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(description = "Loads all routes, starts nothing, and prints what is guaranteed. Or checks the ledger.")
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final NodeArguments arguments = new NodeArguments();

    @Option(
            names = "--ledger",
            description = "Read the whole ledger, also beside a running node, and print what is damaged in it.")
    private boolean ledger;

    @Option(
            names = "--accept",
            description = "With --ledger: let a ledger without its -wal file start; what was in that file is lost.")
    private boolean accept;

    @Option(
            names = "--live",
            description =
                    "Also try what the routes use: hosts, certificates, tokens, tables, topics, folders, and the first"
                            + " page of pulls. Nothing is sent or changed there.")
    private boolean live;

    RunOptions options() {
        return arguments.options();
    }

    @Override
    public Integer call() {
        if (ledger && live) {
            throw new CliException(ExitCode.USAGE, "--live and --ledger do not go together");
        }
        if (ledger) {
            return new LedgerReport(System.out, System.err).print(options(), accept);
        }
        if (accept) {
            throw new CliException(ExitCode.USAGE, "--accept needs --ledger");
        }
        return new Runner(System.out, System.err).check(options(), live);
    }
}
