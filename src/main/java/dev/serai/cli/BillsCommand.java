package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.text.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = {
            "Compares the bill of a payment platform with the ledger and a target, for one day, repairs what can be repaired, and"
                    + " signs days off.",
            "NAME is that of a file NAME.reconcile.yaml with a bill. Exit code 0 if all sides agree or the day is signed off, else"
                    + " 1. Amounts are in yuan."
        })
final class BillsCommand implements Callable<Integer> {
    private static final String NEWEST = "newest";

    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Option(names = "--day", paramLabel = "DATE", description = "A date in China. Default: the newest that has a bill.")
    private String day = NEWEST;

    @Option(names = "--repair", description = "Deliver again what the target lost, and read the bill again.")
    private boolean repair;

    @Option(names = "--dry-run", description = "With --repair: only say what it would do.")
    private boolean dryRun;

    @Option(names = "--sign-off", description = "Accept the day as it is; differences need --reason.")
    private boolean signOff;

    @Option(names = "--list", description = "Show the days that were compared.")
    private boolean list;

    @Mixin
    private final ClientArguments.Reason reason = new ClientArguments.Reason();

    BillsCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        AdminClient client = arguments.client();
        String path = "/api/bills/" + AdminClient.encode(name);
        if (list) {
            return list(client.get(path));
        }
        if (day.equals(NEWEST)) { // the log of actions is to name the day
            day = client.get(path + "/" + NEWEST).node().path("day").asText();
        }
        NodeAnswer answer = signOff
                ? client.post(path + "/" + AdminClient.encode(day) + "/sign-off", reason.write(client.object()))
                : compared(client, path);
        if (arguments.json()) {
            out.println(answer.text());
        } else {
            print(answer.node());
        }
        return isGood(answer.node()) ? ExitCode.DONE : ExitCode.NO;
    }

    private NodeAnswer compared(AdminClient client, String path) throws InterruptedException {
        ObjectNode body = reason.write(client.object().put("repair", repair).put("dryRun", dryRun));
        String ofDay = path + "/" + AdminClient.encode(day);
        return client.awaitEnd(client.post(ofDay, body), ofDay, run -> {});
    }

    private int list(NodeAnswer answer) {
        if (arguments.json()) {
            out.println(answer.text());
            return ExitCode.DONE;
        }
        TextTable table = new TextTable("DAY", "STATE", "ON BILL", "MATCHED", "DIFFER", "SIGNED OFF BY");
        for (JsonNode one : answer.node()) {
            table.row(
                    TerminalText.of(one.path("day")),
                    TerminalText.of(one.path("state")),
                    count(one, "onBill"),
                    count(one, "matched"),
                    count(one, "differing"),
                    one.path("signedOff").isObject()
                            ? TerminalText.of(one.path("signedOff").path("by"))
                            : "");
        }
        table.print(out);
        return ExitCode.DONE;
    }

    private static boolean isGood(JsonNode report) {
        boolean isMatched = report.path("differing").asLong() == 0
                && report.path("billFault").isNull();
        return report.path("state").asText().equals("done")
                && (isMatched || report.path("signedOff").isObject());
    }

    // ---- The report

    private void print(JsonNode report) {
        String day1 = TerminalText.of(report.path("day"));
        if (!report.path("state").asText().equals("done")) {
            out.println(
                    day1 + " " + TerminalText.of(report.path("state")) + ": " + TerminalText.of(report.path("reason")));
            return;
        }
        out.println(day1 + ": " + count(report, "matched") + " of " + count(report, "onBill") + " on the bill match, "
                + count(report, "differing") + " differ");
        TextTable sums = new TextTable("SIDE", "PAYMENTS", "AMOUNT", "REFUNDS", "REFUNDED");
        for (String side : List.of("bill", "ledger", "target")) {
            JsonNode sum = report.path("totals").path(side);
            sums.row(
                    side,
                    count(sum, "payments"),
                    yuan(sum.path("amount")),
                    count(sum, "refunds"),
                    yuan(sum.path("refunded")));
        }
        sums.print(out);
        printDifferences(report.path("differences"));
        note(report.path("open").asLong(), "refunds are open: the platform has not decided about them");
        note(report.path("nextDay").asLong(), "happened shortly before midnight, and are expected on the next bill");
        note(report.path("earlierDay").asLong(), "are on the bill of an earlier day");
        note(report.path("repaired").asLong(), "were repaired");
        for (String text : List.of("billFault", "reason")) {
            if (report.path(text).isTextual()) {
                out.println(TerminalText.of(report.path(text)));
            }
        }
        JsonNode signed = report.path("signedOff");
        if (signed.isObject()) {
            out.println(
                    "signed off by " + TerminalText.of(signed.path("by")) + " at " + TerminalText.of(signed.path("at"))
                            + (signed.path("reason").isTextual() ? ": " + TerminalText.of(signed.path("reason")) : ""));
        }
    }

    private void printDifferences(JsonNode differences) {
        if (differences.isEmpty()) {
            return;
        }
        out.println();
        TextTable table = new TextTable("ID", "KIND", "BILL", "LEDGER", "TARGET", "REPAIR");
        for (JsonNode one : differences) {
            List<String> kinds = new ArrayList<>();
            one.path("kinds").forEach(kind -> kinds.add(TerminalText.of(kind)));
            JsonNode text = one.path(one.path("repair").isTextual() ? "repair" : "fault");
            table.row(
                    TerminalText.of(one.path("id")),
                    String.join(", ", kinds),
                    side(one.path("bill")),
                    side(one.path("ledger")),
                    side(one.path("target")),
                    text.isTextual() ? TerminalText.of(text) : "");
        }
        table.print(out);
        out.println();
    }

    private static String side(JsonNode side) {
        if (!side.isObject()) {
            return "-";
        }
        String status = side.path("status").isTextual() ? " " + TerminalText.of(side.path("status")) : "";
        return (side.path("amount").isNumber() ? yuan(side.path("amount")) : "?") + status;
    }

    private static String yuan(JsonNode fen) {
        return BigDecimal.valueOf(fen.asLong(), 2).toPlainString();
    }

    private void note(long count, String what) {
        if (count > 0) {
            out.println(String.format(Locale.ROOT, "%,d ", count) + what);
        }
    }

    private static String count(JsonNode report, String field) {
        return String.format(Locale.ROOT, "%,d", report.path(field).asLong());
    }
}
