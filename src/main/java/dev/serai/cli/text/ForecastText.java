package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what {@code GET /api/forecast} answers: a table of all targets, or sentences and the chain of one. */
public final class ForecastText {
    private static final String NEVER = "never";
    private static final double SMALLEST = 0.0001;

    private final JsonNode forecast;
    private final Instant now;

    public ForecastText(JsonNode forecast, Instant now) {
        this.forecast = forecast;
        this.now = now;
    }

    /** A row for each target. */
    public static void all(JsonNode forecasts, Instant now, PrintWriter out) {
        if (forecasts.isEmpty()) {
            out.println("no route delivers to a target");
            return;
        }
        TextTable table = new TextTable(
                "TARGET",
                "REGIME",
                "DELIVERED",
                "DEAD",
                "ATTEMPTS",
                "HALF WITHIN",
                "95 % WITHIN",
                "DRAINED",
                "DEAD IN 1 H",
                "SKILL",
                "DRIFT");
        for (JsonNode one : forecasts) {
            JsonNode seconds = one.path("secondsToConsistency");
            table.row(
                    name(one),
                    TerminalText.of(one.path("regime").path("state")),
                    percent(one.path("delivered").asDouble()),
                    percent(one.path("dead").asDouble()),
                    number(one.path("attempts").asDouble()),
                    within(seconds.path("p50")),
                    within(seconds.path("p95")),
                    by(one.path("drainedAt"), "p95", now),
                    number(one.path("deadWithinHour").path("expected").asDouble()),
                    number(one.path("score").path("skill").asDouble()),
                    one.path("drift").isNull() ? "-" : "yes");
        }
        table.print(out);
    }

    /** Sentences, the chain and the score. */
    public void print(PrintWriter out) {
        JsonNode regime = forecast.path("regime");
        out.println(name(forecast) + " is " + TerminalText.of(regime.path("state")) + " since "
                + AgeText.of(regime.path("since"), now).replace(" ago", "") + "; in an hour it is "
                + shares(regime.path("probabilities")));
        if (!forecast.path("drift").isNull()) {
            JsonNode drift = forecast.path("drift");
            out.println("Failures are unusual: " + percent(drift.path("lately").asDouble())
                    + " of its attempts fail in the last minutes, usually "
                    + percent(drift.path("usual").asDouble()) + ". What follows may be wrong.");
        }
        JsonNode interval = forecast.path("deliveredInterval");
        out.println("A change accepted now is delivered with "
                + percent(forecast.path("delivered").asDouble())
                + " (90 % interval " + percent(interval.path("p5").asDouble()) + " to "
                + percent(interval.path("p95").asDouble()) + "), in "
                + number(forecast.path("attempts").asDouble()) + " attempts on average");
        JsonNode seconds = forecast.path("secondsToConsistency");
        out.println(arrival(seconds));
        JsonNode drained = forecast.path("drainedAt");
        out.println(
                drained.isNull()
                        ? "Nothing waits: all is consistent"
                        : "All that waits is consistent " + by(drained, "p50", now) + " in half of all cases, "
                                + by(drained, "p95", now) + " in 95 %");
        JsonNode dead = forecast.path("deadWithinHour");
        out.println(
                "Dead letters within the hour: " + number(dead.path("expected").asDouble()) + " expected, "
                        + number(dead.path("p5").asDouble()) + " to "
                        + number(dead.path("p95").asDouble())
                        + " in 90 % of all cases");
        List<String> budgets = new ArrayList<>();
        for (Iterator<Map.Entry<String, JsonNode>> i =
                        forecast.path("budgetFor").fields();
                i.hasNext(); ) {
            Map.Entry<String, JsonNode> one = i.next();
            budgets.add((one.getValue().isNull() ? "no number" : one.getValue().asText()) + " for "
                    + percent(Double.parseDouble(one.getKey())));
        }
        out.println("Redeliveries that are needed: " + String.join(", ", budgets));
        chain(out);
        score(out);
    }

    private static String arrival(JsonNode seconds) {
        String half =
                seconds.path("p50").isNull() ? "" : "within " + within(seconds.path("p50")) + " in half of all cases";
        String most = seconds.path("p80").isNull() ? "" : ", within " + within(seconds.path("p80")) + " in 80 %";
        String nearlyAll = seconds.path("p95").isNull() ? "" : ", within " + within(seconds.path("p95")) + " in 95 %";
        if (half.isEmpty()) {
            return "In more than half of all cases it never arrives";
        }
        String rest = most.isEmpty() ? "; more than 20 % never arrive" : "; more than 5 % never arrive";
        return "It arrives " + half + most + nearlyAll + (nearlyAll.isEmpty() ? rest : "");
    }

    private void chain(PrintWriter out) {
        JsonNode states = forecast.path("chain").path("states");
        List<String> titles = new ArrayList<>(List.of("ATTEMPT"));
        states.forEach(state -> titles.add(TerminalText.of(state).toUpperCase(Locale.ROOT)));
        TextTable table = new TextTable(titles.toArray(String[]::new));
        JsonNode matrix = forecast.path("chain").path("matrix");
        for (int row = 0; row < states.size() - 2; row++) { // the last two are the ends
            List<String> cells = new ArrayList<>(List.of(TerminalText.of(states.get(row))));
            matrix.path(row).forEach(share -> cells.add(share.asDouble() == 0 ? "-" : percent(share.asDouble())));
            table.row(cells.toArray(String[]::new));
        }
        out.println();
        table.print(out);
    }

    private void score(PrintWriter out) {
        JsonNode score = forecast.path("score");
        out.println();
        if (score.path("n").asLong() == 0) {
            out.println("No attempt of the last week was foretold yet");
            return;
        }
        out.printf(
                Locale.ROOT,
                "Of the last week %,d attempts were foretold: Brier score %.4f, of the plain success rate %.4f (skill %.2f)%n",
                score.path("n").asLong(),
                score.path("brier").asDouble(),
                score.path("baselines").path("plain").path("brier").asDouble(),
                score.path("skill").asDouble());
        coverage(out, "times to delivery", score.path("secondsToConsistency"));
        coverage(out, "times until all was drained", score.path("drainedAt"));
    }

    private static void coverage(PrintWriter out, String what, JsonNode times) {
        if (times.path("n").asLong() == 0) {
            return;
        }
        out.printf(
                Locale.ROOT,
                "Of %,d %s that were foretold, %s were in their 90 %% interval%s%n",
                times.path("n").asLong(),
                what,
                percent(times.path("within90").asDouble()),
                times.path("calibrated").asBoolean() ? "" : "; too few yet to correct the intervals of the model");
    }

    // ---- Cells

    private static String name(JsonNode one) {
        return TerminalText.of(one.path("flow")) + "/" + TerminalText.of(one.path("target"));
    }

    private static String shares(JsonNode probabilities) {
        List<String> parts = new ArrayList<>();
        probabilities
                .fields()
                .forEachRemaining(one -> parts.add(TerminalText.clean(one.getKey()) + " "
                        + percent(one.getValue().asDouble())));
        return String.join(", ", parts);
    }

    /** With as many digits as tell it from 0 and 100. */
    private static String percent(double share) {
        double distance = Math.min(share, 1 - share);
        if (distance > 0 && distance < SMALLEST) {
            return share < SMALLEST ? "<0.01 %" : ">99.99 %";
        }
        String form = distance >= 0.01 || distance == 0 ? "%.0f %%" : distance >= 0.001 ? "%.1f %%" : "%.2f %%";
        return String.format(Locale.ROOT, form, 100 * share);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%,.0f" : "%,.2f", value);
    }

    private static String within(JsonNode seconds) {
        return seconds.isNumber() ? AgeText.ofSeconds(seconds.asDouble()) : NEVER;
    }

    private static String by(JsonNode moments, String quantile, Instant now) {
        if (moments.isNull()) {
            return "-";
        }
        JsonNode moment = moments.path(quantile);
        return moment.isTextual() ? AgeText.of(moment, now) : NEVER;
    }
}
