package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the answer of {@code GET /api/reconcile/NAME} is written for a terminal when a run is over. */
public final class ReconcileReportText {
    private static final String FAILED = "failed";

    private final JsonNode report;
    /** By their names, the target first; the source only if the run has compared it. */
    private final Map<String, JsonNode> sides = new LinkedHashMap<>();

    public ReconcileReportText(JsonNode report) {
        this.report = report;
        String kind = report.path("kind").asText();
        boolean comparesSource = report.path("source").isObject() && (kind.equals("all") || kind.equals("only"));
        boolean sourceFailed = report.path("source").path("state").asText().equals(FAILED);
        if (isFailed() && !(comparesSource && sourceFailed)) {
            return; // at the target, so that nothing is known
        }
        sides.put("target", report);
        if (comparesSource && !sourceFailed) {
            sides.put("source", report.path("source"));
        }
    }

    private boolean isFailed() {
        return report.path("state").asText().equals(FAILED);
    }

    /** Whether the run has ended well and nothing differs that was not repaired. */
    public boolean isEqual() {
        return report.path("state").asText().equals("done")
                && sides.values().stream()
                        .allMatch(side -> repairable(side) + side.path("extra").asLong()
                                <= side.path("repaired").asLong());
    }

    public void print(PrintWriter out) {
        if (isFailed()) {
            out.println("the run failed, and the mark is not moved forward: " + TerminalText.of(report.path("reason")));
        }
        if (sides.isEmpty()) {
            return;
        }
        counts(out);
        differences(out);
        out.println();
        if (!isFailed()) {
            say(out, report.path("reason"));
        }
        sides.forEach((name, side) -> say(out, name, side));
        if (report.path("bound").isNumber()) {
            out.println(bound());
        }
        if (report.path("repair").asBoolean()) {
            out.println(repair());
        }
        waited(out);
        report.path("verifiedThrough")
                .fields()
                .forEachRemaining(mark -> out.println(TerminalText.clean(mark.getKey()) + " is verified through "
                        + TerminalText.of(mark.getValue())));
    }

    private void waited(PrintWriter out) {
        double seconds = sides.values().stream()
                .mapToDouble(side -> side.path("waitedSeconds").asDouble())
                .sum();
        if (seconds >= 1) {
            out.println(String.format(Locale.ROOT, "it waited %,.1f s for other work on its machine", seconds));
        }
    }

    private static void say(PrintWriter out, JsonNode text) {
        if (text.isTextual()) {
            out.println(TerminalText.of(text));
        }
    }

    private void say(PrintWriter out, String name, JsonNode side) {
        if (name.equals("source") && !isFailed() && side.path("reason").isTextual()) {
            out.println("source: " + TerminalText.of(side.path("reason")));
        }
        if (side.path("completeSince").isTextual()) {
            out.println("digests of the " + name + " have what was accepted from "
                    + TerminalText.of(side.path("completeSince"))
                    + " on: keys that were not changed since are not compared");
        }
    }

    private void counts(PrintWriter out) {
        List<String> names =
                new ArrayList<>(List.of("keys", "equal", "missing", "stale", "extra", "differs", "pending", "unknown"));
        TextTable table = table(names);
        sides.forEach((name, side) -> {
            List<String> cells = cells(name);
            names.forEach(field ->
                    cells.add(String.format(Locale.ROOT, "%,d", side.path(field).asLong())));
            table.row(cells.toArray(String[]::new));
        });
        table.print(out);
    }

    private void differences(PrintWriter out) {
        TextTable table = table(List.of("key", "kind", "fields", "repair"));
        boolean any = false;
        for (Map.Entry<String, JsonNode> side : sides.entrySet()) {
            for (JsonNode one : side.getValue().path("differences")) {
                List<String> fields = new ArrayList<>();
                one.path("fields").forEach(field -> fields.add(TerminalText.of(field)));
                List<String> cells = cells(side.getKey());
                cells.add(TerminalText.of(one.path("key")));
                cells.add(TerminalText.of(one.path("kind")));
                cells.add(String.join(", ", fields));
                cells.add(one.path("repair").isTextual() ? TerminalText.of(one.path("repair")) : "");
                table.row(cells.toArray(String[]::new));
                any = true;
            }
        }
        if (any) {
            out.println();
            table.print(out);
        }
    }

    /** A table that says the side if there are two. */
    private TextTable table(List<String> fields) {
        List<String> heads = cells("SIDE");
        fields.forEach(field -> heads.add(field.toUpperCase(Locale.ROOT)));
        return new TextTable(heads.toArray(String[]::new));
    }

    private List<String> cells(String side) {
        return sides.size() == 1 ? new ArrayList<>() : new ArrayList<>(List.of(side));
    }

    private String repair() {
        JsonNode source = sides.get("source");
        if (report.path("dryRun").asBoolean()) {
            String again = "a repair would deliver " + repairable(report) + " of them again";
            return source == null ? again : again + ", and accept up to " + repairable(source) + " from the source";
        }
        String repaired = repaired(report);
        return source == null ? repaired : repaired + "; at the source: " + repaired(source);
    }

    private static String repaired(JsonNode side) {
        return "repaired: " + side.path("repaired").asLong() + ", not repaired: "
                + side.path("notRepaired").asLong();
    }

    /** For example {@code 0 of 3,000 differ = under 0.1 % at 95 %}. */
    private String bound() {
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

    private static long repairable(JsonNode side) {
        return side.path("missing").asLong()
                + side.path("stale").asLong()
                + side.path("differs").asLong();
    }
}
