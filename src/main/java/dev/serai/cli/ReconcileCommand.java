package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
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
                    + " if that is asked for.",
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

    @Option(names = "--repair", description = "Deliver again what is missing, stale or differs.")
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
            print(answer.node());
        }
        return isEqual(answer.node()) ? ExitCode.DONE : ExitCode.NO;
    }

    private static boolean isEqual(JsonNode report) {
        long differing = report.path("missing").asLong()
                + report.path("stale").asLong()
                + report.path("differs").asLong()
                + report.path("extra").asLong();
        return report.path("state").asText().equals("done")
                && differing <= report.path("repaired").asLong();
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
        return String.format(
                Locale.ROOT,
                "%s · %,d read of about %,d · %,d equal · %,d differ",
                TerminalText.of(report.path("phase")),
                report.path("read").asLong(),
                report.path("known").asLong(),
                report.path("equal").asLong(),
                report.path("differences").size());
    }

    private void print(JsonNode report) {
        if (report.path("state").asText().equals("failed")) {
            out.println("the run failed, and the mark is where it was: " + TerminalText.of(report.path("reason")));
            return;
        }
        TextTable counts = new TextTable("KEYS", "EQUAL", "MISSING", "STALE", "EXTRA", "DIFFERS", "PENDING", "UNKNOWN");
        counts.row(
                count(report, "keys"),
                count(report, "equal"),
                count(report, "missing"),
                count(report, "stale"),
                count(report, "extra"),
                count(report, "differs"),
                count(report, "pending"),
                count(report, "unknown"));
        counts.print(out);
        if (!report.path("differences").isEmpty()) {
            out.println();
            TextTable table = new TextTable("KEY", "KIND", "FIELDS", "REPAIR");
            for (JsonNode one : report.path("differences")) {
                List<String> fields = new ArrayList<>();
                one.path("fields").forEach(field -> fields.add(TerminalText.of(field)));
                table.row(
                        TerminalText.of(one.path("key")),
                        TerminalText.of(one.path("kind")),
                        String.join(", ", fields),
                        one.path("repair").isTextual() ? TerminalText.of(one.path("repair")) : "");
            }
            table.print(out);
        }
        out.println();
        if (report.path("reason").isTextual()) {
            out.println(TerminalText.of(report.path("reason")));
        }
        if (report.path("completeSince").isTextual()) {
            out.println("digests have what was accepted from " + TerminalText.of(report.path("completeSince"))
                    + " on: keys that were not changed since are not compared");
        }
        if (report.path("bound").isNumber()) {
            out.println(bound(report));
        }
        if (report.path("repair").asBoolean()) {
            out.println(
                    report.path("dryRun").asBoolean()
                            ? "a repair would deliver " + repairable(report) + " of them again"
                            : "repaired: " + report.path("repaired").asLong() + ", not repaired: "
                                    + report.path("notRepaired").asLong());
        }
        report.path("verifiedThrough")
                .fields()
                .forEachRemaining(mark -> out.println(TerminalText.clean(mark.getKey()) + " is verified through "
                        + TerminalText.of(mark.getValue())));
    }

    /** For example {@code 0 of 3,000 differ = under 0.1 % at 95 %}. */
    private static String bound(JsonNode report) {
        long differing = repairable(report);
        BigDecimal percent = report.path("bound").decimalValue().movePointRight(2);
        String rounded = percent.round(new MathContext(2, RoundingMode.CEILING))
                .stripTrailingZeros()
                .toPlainString();
        return String.format(
                Locale.ROOT,
                "%,d of %,d differ = under %s %% at 95 %%",
                differing,
                differing + report.path("equal").asLong(),
                rounded);
    }

    private static long repairable(JsonNode report) {
        return report.path("missing").asLong()
                + report.path("stale").asLong()
                + report.path("differs").asLong();
    }

    private static String count(JsonNode report, String field) {
        return String.format(Locale.ROOT, "%,d", report.path(field).asLong());
    }
}
