package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.trial.RouteComparison.Agreement;
import dev.serai.node.RunOptions;
import dev.serai.node.trial.RouteTrial;
import dev.serai.node.trial.TrialRoute;
import dev.serai.node.trial.TriedChange;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serai rehearse}. */
@Command(
        description = {
            "Runs the last changes of a flow, as the node keeps them, through the targets' routes in FILE and through those in routes/,",
            "and prints where they would send different things. Nothing is sent."
        })
public final class RehearseCommand implements Callable<Integer> {
    private static final int SHOWN_MAX = 10;

    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Parameters(paramLabel = "FILE", description = "A route file with the new version of a target's route.")
    private String file = "";

    @Option(
            names = "--routes",
            paramLabel = "GLOB",
            arity = "1..*",
            description = "The route files to compare with: globs, files and folders. Default: routes/*.")
    private List<String> routes = new ArrayList<>();

    @Option(names = "--kamelets", paramLabel = "DIR", description = "Folders of Kamelets. Default: kamelets.")
    private List<String> kamelets = new ArrayList<>();

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "100",
            description = "The newest N changes of each flow. Default: ${DEFAULT-VALUE}.")
    private int last;

    @Option(
            names = "--require-equal",
            description = "End with 1 unless all are equal, or if there is no change to compare.")
    private boolean requireEqual;

    @Spec
    private @Nullable CommandSpec spec;

    public RehearseCommand(PrintWriter out) {
        this.out = out;
    }

    /** What became of the changes of one target. */
    private static final class Tally {
        private final Map<Agreement, Integer> counts = new EnumMap<>(Agreement.class);
        private final ArrayNode unequal = JsonNodeFactory.instance.arrayNode();
        private int changes;
    }

    @Override
    public Integer call() throws IOException {
        if (last < 1) {
            throw new CliException(ExitCode.USAGE, "--last must be a number above 0");
        }
        CallerFolder caller = CallerFolder.ofProcess();
        Path path = caller.resolve(file);
        if (!Files.isRegularFile(path)) {
            throw new CliException(ExitCode.USAGE, "no file " + file);
        }
        RunOptions node = arguments.options();
        List<Path> folders = kamelets.stream().map(caller::resolve).toList();
        RunOptions now = with(node, routes.stream().map(caller::resolveGlob).toList(), folders);
        RunOptions then = with(node, List.of(caller.resolveGlob(file)), folders);
        try (RouteTrial running = new RouteTrial(now, Instant.EPOCH);
                RouteTrial rehearsed = new RouteTrial(then, Instant.EPOCH)) {
            if (!load(rehearsed) || !load(running)) {
                return ExitCode.USAGE;
            }
            return print(compare(running, rehearsed));
        }
    }

    private static RunOptions with(RunOptions node, List<String> routes, List<Path> kamelets) {
        return new RunOptions(routes, kamelets, node.config(), node.data(), node.properties());
    }

    private boolean load(RouteTrial trial) {
        try {
            trial.load();
            return true;
        } catch (Exception | Error e) {
            if (spec != null) {
                PrintWriter err = spec.commandLine().getErr();
                trial.explain(e).forEach(line -> err.println(TerminalText.clean("serai: " + line)));
            }
            return false;
        }
    }

    // ---- Comparing

    private Map<String, Tally> compare(RouteTrial running, RouteTrial rehearsed) {
        List<TrialRoute> targets = rehearsed.routes().stream()
                .filter(route -> route.target() != null)
                .toList();
        if (targets.isEmpty()) {
            throw new CliException(ExitCode.USAGE, file + " has no route of a target, from: ledger:FLOW");
        }
        Map<String, Tally> tallies = new LinkedHashMap<>();
        Map<String, List<TrialRoute>> byFlow = new LinkedHashMap<>();
        for (TrialRoute target : targets) {
            String name = Objects.requireNonNull(target.name());
            if (running.byTarget(name) == null) {
                throw new CliException(
                        ExitCode.USAGE,
                        name + " is in " + file
                                + ", but not in the routes to compare with: a new target has nothing to rehearse");
            }
            tallies.put(name, new Tally());
            byFlow.computeIfAbsent(Objects.requireNonNull(target.flow()), flow -> new ArrayList<>())
                    .add(target);
        }
        AdminClient client = arguments.client();
        byFlow.forEach((flow, routesOfFlow) -> changes(client, flow).forEach(sequence -> {
            JsonNode change = client.get("/api/changes/" + AdminClient.encode(flow) + "/" + sequence)
                    .node();
            for (TrialRoute target : routesOfFlow) {
                String name = Objects.requireNonNull(target.name());
                TrialRoute before = Objects.requireNonNull(running.byTarget(name));
                TriedChange tried = tried(flow, change);
                count(
                        Objects.requireNonNull(tallies.get(name)),
                        change,
                        RouteComparison.of(running.deliver(before, tried), rehearsed.deliver(target, tried)));
            }
        }));
        return tallies;
    }

    /** Their sequences, the oldest first. */
    private List<Long> changes(AdminClient client, String flow) {
        AdminClient.Query query =
                new AdminClient.Query("/api/changes").with("flow", flow).with("limit", last);
        List<Long> sequences = new ArrayList<>();
        for (JsonNode change : client.list(query, last).node()) {
            if (sequences.size() < last) {
                sequences.add(0, change.path("sequence").asLong());
            }
        }
        return sequences;
    }

    private static TriedChange tried(String flow, JsonNode change) {
        Map<String, String> headers = new LinkedHashMap<>();
        change.path("headers")
                .fields()
                .forEachRemaining(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        byte[] body = change.hasNonNull("bodyBase64")
                ? Base64.getDecoder().decode(change.path("bodyBase64").asText())
                : change.path("body").asText("").getBytes(StandardCharsets.UTF_8);
        return new TriedChange(
                flow,
                change.path("id").asText(),
                change.path("key").asText(),
                text(change, "version"),
                change.path("operation").asText("upsert"),
                text(change, "contentType"),
                headers,
                body);
    }

    private static @Nullable String text(JsonNode change, String field) {
        return change.hasNonNull(field) ? change.path(field).asText() : null;
    }

    private static void count(Tally tally, JsonNode change, RouteComparison comparison) {
        tally.changes++;
        tally.counts.merge(comparison.verdict(), 1, Integer::sum);
        if (comparison.verdict() != Agreement.EQUAL) {
            ObjectNode one = tally.unequal.addObject();
            one.put("sequence", change.path("sequence").asLong())
                    .put("key", change.path("key").asText())
                    .put("verdict", comparison.verdict().word());
            ArrayNode lines = one.putArray("differences");
            comparison.differences().forEach(lines::add);
        }
    }

    // ---- Printing

    private int print(Map<String, Tally> tallies) {
        boolean allEqual = true;
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Map.Entry<String, Tally> target : tallies.entrySet()) {
            Tally tally = target.getValue();
            allEqual &= tally.changes > 0 && tally.unequal.isEmpty();
            if (arguments.json()) {
                ObjectNode one = json.addObject();
                one.put("target", target.getKey()).put("changes", tally.changes);
                for (Agreement verdict : Agreement.values()) {
                    one.put(verdict.word(), tally.counts.getOrDefault(verdict, 0));
                }
                one.set("differences", tally.unequal);
            } else {
                printText(target.getKey(), tally);
            }
        }
        if (arguments.json()) {
            out.println(TerminalText.json(json.toString()));
        }
        return requireEqual && !allEqual ? ExitCode.NO : ExitCode.DONE;
    }

    private void printText(String target, Tally tally) {
        List<String> counts = new ArrayList<>();
        tally.counts.forEach((verdict, count) -> counts.add(count + " " + verdict.word()));
        out.println(TerminalText.clean(target + ": "
                + (tally.changes == 0
                        ? "no change is kept, so nothing was compared"
                        : "of the last " + TrialText.count(tally.changes, "change") + " "
                                + String.join(", ", counts))));
        int shown = 0;
        for (JsonNode one : tally.unequal) {
            if (shown++ == SHOWN_MAX) {
                out.println("  and " + (tally.unequal.size() - SHOWN_MAX) + " more; --json has all");
                return;
            }
            out.println(TerminalText.clean("  " + one.path("verdict").asText() + "  "
                    + one.path("sequence").asLong() + "  key " + one.path("key").asText()));
            one.path("differences").forEach(line -> out.println("    " + TerminalText.clean(line.asText())));
        }
    }
}
