package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.ReconcileReportText;
import dev.serai.cli.text.TerminalText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = {
            "Compares what a target has with what was delivered to it, key by key, while changes flow, and repairs it"
                    + " if that is asked for. If the file says how to read the source, compares that with what was accepted.",
            "NAME is that of a file NAME.reconcile.yaml beside the routes. Exit code 0 if nothing differs, 1 if"
                    + " something does."
        })
final class ReconcileCommand implements Callable<Integer> {
    private final PrintWriter out;
    private String told = "";

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Option(names = "--hot", description = "Only keys that changed since they were compared, if the file says hot.")
    private boolean hot;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description =
                    "So many random keys, with the share of all keys that can differ. Needs read or sql in the file.")
    private @Nullable Integer sample;

    @Option(
            names = "--repair",
            description = "Deliver again what is missing, stale or differs, and accept what was lost from the source.")
    private boolean repair;

    @Option(names = "--dry-run", description = "Only say what a repair would do.")
    private boolean dryRun;

    @Option(names = "--only", paramLabel = "KEY", arity = "1..*", description = "Only these keys; the mark stays.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--rate", paramLabel = "N", description = "Repair so many a second. Default: 50.")
    private @Nullable Double rate;

    @Option(names = "--limit", paramLabel = "N", description = "Repair nothing if more keys differ. Default: 1000.")
    private @Nullable Long limit;

    @Mixin
    private final ClientArguments.Reason reason = new ClientArguments.Reason();

    ReconcileCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        AdminClient client = arguments.client();
        ObjectNode body = client.object().put("hot", hot).put("repair", repair).put("dryRun", dryRun);
        if (sample != null) {
            body.put("sample", sample);
        }
        if (!only.isEmpty()) {
            ArrayNode keys = body.putArray("only");
            only.forEach(keys::add);
        }
        if (rate != null) {
            body.put("rate", rate);
        }
        if (limit != null) {
            body.put("limit", limit);
        }
        reason.write(body);
        String path = "/api/reconcile/" + AdminClient.encode(name);
        NodeAnswer answer = client.awaitEnd(client.post(path, body), path, this::tell);
        if (arguments.json()) {
            out.println(answer.text());
        } else {
            new ReconcileReportText(answer.node()).print(out);
        }
        return new ReconcileReportText(answer.node()).isEqual() ? ExitCode.DONE : ExitCode.NO;
    }

    private void tell(JsonNode report) {
        String line = progress(report);
        if (!arguments.json() && !line.equals(told)) {
            out.println(line);
            out.flush();
            told = line;
        }
    }

    private static String progress(JsonNode report) {
        boolean isAtSource = report.path("source").path("state").asText().equals("running");
        JsonNode side = isAtSource ? report.path("source") : report;
        return String.format(
                Locale.ROOT,
                "%s%s · %,d read of about %,d · %,d equal · %,d differ",
                isAtSource ? "source · " : "",
                TerminalText.of(side.path("phase")),
                side.path("read").asLong(),
                side.path("known").asLong(),
                side.path("equal").asLong(),
                side.path("differences").size());
    }
}
