package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.trial.MessageView;
import dev.serai.node.trial.TrialFailure;
import dev.serai.node.trial.TrialResult;
import dev.serai.node.trial.TrialRoute;
import dev.serai.node.trial.TriedChange;
import dev.serai.node.trial.TriedRequest;
import dev.serai.node.trial.TriedStep;
import dev.serai.text.SecretNames;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints for people what a route made of a message. */
final class TrialText {
    private static final int LINES_MAX = 40;
    private static final int COLUMNS_MAX = 200;
    private static final int TEXT_COLUMNS_MAX = 90;

    private final PrintWriter out;

    TrialText(PrintWriter out) {
        this.out = out;
    }

    void print(TrialResult result, byte[] body) {
        TrialRoute route = result.route();
        out.println("route " + clean(route.id()) + at(route.place()) + ", from "
                + clean(route.target() == null ? route.source() : "ledger:" + route.name()));
        block("  body ", MessageView.json(body));
        result.steps().forEach(this::step);
        result.changes().forEach(this::change);
        result.requests().forEach(this::request);
        end(result);
    }

    private static String at(@Nullable String place) {
        return place == null ? "" : " at " + clean(place);
    }

    // ---- Steps

    private void step(TriedStep step) {
        String indent = "  ".repeat(step.depth());
        out.println();
        String text = oneLine(step.text());
        out.println(indent + (step.place() == null ? step.id() : clean(step.place())) + "  " + step.kind()
                + (text.isEmpty() ? "" : "  " + text));
        String inner = indent + "  ";
        if (step.note() != null && !step.note().isEmpty()) {
            out.println(inner + clean(step.note()));
        }
        MessageView after = step.after();
        if (after == null) {
            out.println(inner + "fails: " + clean(String.valueOf(step.error())));
            return;
        }
        if (step.note() != null) {
            return; // what is noted did not happen to the message
        }
        for (String line : headerChanges(step.before().headers(), after.headers())) {
            out.println(inner + line);
        }
        if (!after.body().equals(step.before().body())) {
            block(inner + "body ", after.body());
        }
    }

    private static List<String> headerChanges(Map<String, String> before, Map<String, String> after) {
        List<String> lines = new ArrayList<>();
        after.forEach((name, value) -> {
            if (!value.equals(before.get(name))) {
                lines.add("header " + clean(name) + ": " + clean(value));
            }
        });
        before.keySet().stream()
                .filter(name -> !after.containsKey(name))
                .forEach(name -> lines.add("header " + clean(name) + " is removed"));
        return lines;
    }

    private static String oneLine(String text) {
        String line = clean(text.replaceAll("\\s+", " ").strip());
        return line.length() > TEXT_COLUMNS_MAX ? line.substring(0, TEXT_COLUMNS_MAX) + "…" : line;
    }

    // ---- What comes out

    private void change(TriedChange change) {
        out.println();
        out.println("change in the flow " + clean(change.flow()));
        out.println("  key " + clean(change.key()) + "  id " + clean(change.id()) + "  version "
                + (change.version() == null ? "-" : clean(change.version())) + "  " + change.operation());
        headers(change.headers());
        block("  body ", MessageView.json(change.body()));
    }

    private void request(TriedRequest request) {
        out.println();
        out.println(
                "request " + clean(request.method()) + " " + clean(SecretNames.withoutUrlSecrets(request.address())));
        headers(request.headers());
        block("  body ", MessageView.json(request.body()));
    }

    private void headers(Map<String, String> headers) {
        headers.forEach((name, value) ->
                out.println("  " + clean(name) + ": " + (SecretNames.isHeader(name) ? "***" : clean(value))));
    }

    private void end(TrialResult result) {
        TrialFailure failure = result.failure();
        out.println();
        if (failure != null) {
            out.println("stops" + at(failure.place()) + ": " + clean(failure.reason()));
            out.println("  " + failure.follows());
        } else if (result.filtered()) {
            out.println(
                    result.route().target() == null
                            ? "ends without a change: the route keeps it back"
                            : "ends without a request: the route keeps the change back (filtered)");
        } else {
            out.println("ends with " + count(result.changes().size(), "change") + " and "
                    + count(result.requests().size(), "request"));
        }
    }

    static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    // ---- Bodies

    private void block(String title, JsonNode body) {
        if (body.isNull()) {
            out.println(title + "(empty)");
            return;
        }
        List<String> lines = text(body).lines().toList();
        String margin = " ".repeat(title.length());
        for (int i = 0; i < Math.min(lines.size(), LINES_MAX); i++) {
            String line = clean(lines.get(i));
            out.println((i == 0 ? title : margin)
                    + (line.length() > COLUMNS_MAX ? line.substring(0, COLUMNS_MAX) + "…" : line));
        }
        if (lines.size() > LINES_MAX) {
            out.println(margin + "… " + (lines.size() - LINES_MAX) + " more lines");
        }
    }

    private static String text(JsonNode body) {
        return body.isTextual()
                ? body.textValue()
                : body.isBinary() ? "(bytes) " + body.asText() : body.toPrettyString();
    }

    private static String clean(String text) {
        return TerminalText.clean(text);
    }
}
