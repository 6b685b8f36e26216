package dev.serai.cli;

import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NameCandidates;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.ForecastText;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Foretells what will become of the changes of each target, or of one, with how well it foretold before.")
final class ForecastCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Parameters(
            arity = "0..1",
            paramLabel = "FLOW/TARGET",
            completionCandidates = NameCandidates.FlowTargets.class,
            description = "Only this target, with its chain.")
    private @Nullable String target;

    ForecastCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        String path = target == null ? "/api/forecast" : path(target);
        NodeAnswer answer = arguments.client().get(path);
        if (arguments.json()) {
            out.println(answer.text());
        } else if (target == null) {
            ForecastText.all(answer.node(), Instant.now(), out);
        } else {
            new ForecastText(answer.node(), Instant.now()).print(out);
        }
        return ExitCode.DONE;
    }

    private static String path(String target) {
        int slash = target.indexOf('/');
        if (slash < 1 || slash == target.length() - 1) {
            throw new CliException(ExitCode.USAGE, target + " is no FLOW/TARGET, for example orders/erp");
        }
        return "/api/forecast/" + AdminClient.encode(target.substring(0, slash)) + "/"
                + AdminClient.encode(target.substring(slash + 1));
    }
}
