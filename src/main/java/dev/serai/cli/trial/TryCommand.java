package dev.serai.cli.trial;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NameCandidates;
import dev.serai.cli.client.NodeArguments;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.trial.MessageView;
import dev.serai.node.trial.RouteTrial;
import dev.serai.node.trial.TrialMask;
import dev.serai.node.trial.TrialResult;
import dev.serai.node.trial.TrialRoute;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serai try}. */
@Command(
        description = {
            "Runs the body on standard input through one route, and prints the message after each step.",
            "Nothing is stored or sent; what a source would verify counts as verified. Ends with 1 if the route fails."
        })
public final class TryCommand implements Callable<Integer> {
    private static final int BODY_BYTES_MAX = 64 << 20;

    private final InputStream in;
    private final PrintWriter out;

    @Mixin
    private final NodeArguments arguments = new NodeArguments();

    @Parameters(
            paramLabel = "ROUTE",
            completionCandidates = NameCandidates.Routes.class,
            description = "The id of a route; a flow, for the route of its source; or FLOW/TARGET.")
    private String name = "";

    @Option(
            names = "--header",
            paramLabel = "NAME:VALUE",
            description =
                    "A header of the message, repeatable. CamelLedgerId is what the source knows it by; for FLOW/TARGET"
                            + " also CamelLedgerKey, CamelLedgerVersion and CamelLedgerOperation.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    public TryCommand(InputStream in, PrintWriter out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, String> given = headers();
        try (RouteTrial trial = new RouteTrial(arguments.options(), Instant.now())) {
            try {
                trial.load();
            } catch (Exception | Error e) {
                trial.explain(e).forEach(line -> err(TerminalText.clean("serai: " + line)));
                return ExitCode.USAGE;
            }
            TrialRoute route = new TrialNames(trial).any(name);
            byte[] body = in.readNBytes(BODY_BYTES_MAX);
            if (MessageView.json(body).isContainerNode()) {
                given.putIfAbsent("Content-Type", "application/json");
            }
            TrialResult result = route.target() == null
                    ? trial.run(route, given, body)
                    : trial.deliver(route, GivenChange.of(route, given, body));
            TrialMask mask = trial.mask();
            if (json) {
                out.println(TerminalText.json(TrialJson.of(mask.of(result)).toPrettyString()));
            } else {
                new TrialText(out).print(mask.of(result), mask.of(body));
            }
            return result.failure() == null ? ExitCode.DONE : ExitCode.NO;
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private void err(String line) {
        if (spec != null) {
            spec.commandLine().getErr().println(line);
        }
    }

    private Map<String, String> headers() {
        Map<String, String> given = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new CliException(ExitCode.USAGE, "--header " + header + " has no colon: it is NAME:VALUE");
            }
            given.put(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        return given;
    }
}
