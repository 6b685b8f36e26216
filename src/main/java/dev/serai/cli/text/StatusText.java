package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Help.Ansi;

/** Prints what {@code GET /api/status} answers: a sentence first, then what is in trouble and why, the worst first. */
public final class StatusText {
    private static final String OK = "ok";
    private static final Set<String> PUSHED = Set.of("push", "tcp");
    private static final Set<String> MILD = Set.of("slow", "blocked", "paused", "starting");

    private final JsonNode status;
    private final Instant now;
    private final Ansi ansi;

    /** @param ansi whether states are coloured */
    public StatusText(JsonNode status, Instant now, Ansi ansi) {
        this.status = status;
        this.now = now;
        this.ansi = ansi;
    }

    public void print(PrintWriter out) {
        out.println(summary());
        targets(out);
        sources(out);
        ledger(out);
        routes(out);
        status.path("reconciliations").forEach(one -> out.println(ReconciliationText.of(one, now)));
        status.path("flows")
                .forEach(flow -> ReconciliationText.ofUndigested(flow).ifPresent(out::println));
        status.path("tls").forEach(tls -> out.println(tls(tls)));
        status.path("bills").forEach(bills -> bills(bills, out));
        if (areInTrouble("tokens")) {
            out.println(TerminalText.of(status.path("tokens").path("trouble")));
        }
    }

    private String summary() {
        if (!isRunning()) {
            return "the node is " + TerminalText.of(status.path("phase")) + ": "
                    + (isStarting() ? "not all of its routes run yet" : "it takes nothing new");
        }
        long targets = notOk("targets");
        long sources = notOk("sources");
        int files = status.path("routes").path("refused").size();
        if (targets + sources == 0 && files > 0) {
            return files == 1 ? "1 file needs you" : files + " files need you";
        }
        long reconciliations = notOk("reconciliations");
        if (targets + sources == 0 && reconciliations > 0) {
            return part(reconciliations, "reconciliations") + (reconciliations == 1 ? " needs you" : " need you");
        }
        if (targets == 0 && sources == 0) {
            double oldest = 0;
            for (JsonNode target : status.path("targets")) {
                oldest = Math.max(oldest, target.path("oldestSeconds").asDouble());
            }
            return status.path("ok").asBoolean()
                    ? "all ok"
                            + (oldest == 0
                                    ? ""
                                    : ", the oldest change that waits is " + AgeText.ofSeconds(oldest) + " old")
                    : (areInTrouble("tokens")
                                    ? "the file of named tokens"
                                    : areInTrouble("tls")
                                            ? "a certificate"
                                            : areInTrouble("bills") ? "a bill" : "the ledger")
                            + " needs you";
        }
        String both = sources == 0
                ? part(targets, "targets")
                : targets == 0
                        ? part(sources, "sources")
                        : part(targets, "targets") + " and " + part(sources, "sources");
        return both + (targets + sources == 1 ? " needs you" : " need you");
    }

    private boolean isRunning() {
        return status.path("phase").asText("running").equals("running");
    }

    private boolean isStarting() {
        return status.path("phase").asText().equals("starting");
    }

    private String part(long count, String what) {
        return count + " of " + status.path(what).size() + " " + what;
    }

    private long notOk(String what) {
        long count = 0;
        for (JsonNode one : status.path(what)) {
            count += isOk(one) ? 0 : 1;
        }
        return count;
    }

    private static boolean isOk(JsonNode one) {
        return one.path("state").asText().equals(OK);
    }

    // ---- Targets

    private void targets(PrintWriter out) {
        if (status.path("flows").isEmpty()) {
            out.println();
            out.println(isStarting() ? "no flows from before; those of new routes are not known yet" : "no flows yet");
            return;
        }
        Map<String, JsonNode> flows = new LinkedHashMap<>();
        status.path("flows").forEach(flow -> flows.put(flow.path("flow").asText(), flow));
        TextTable table = new TextTable(
                "FLOW",
                "TARGET",
                "ACCEPTED",
                "PENDING",
                "RETRYING",
                "BLOCKED",
                "DEAD",
                "OLDEST",
                "/MIN",
                "DRAINED",
                "STATE");
        Set<String> delivered = new TreeSet<>();
        for (JsonNode target : status.path("targets")) {
            String flow = target.path("flow").asText();
            delivered.add(flow);
            table.row(
                    TerminalText.clean(flow),
                    TerminalText.of(target.path("target")),
                    count(flows.getOrDefault(flow, target), "accepted"),
                    number(target.path("pending").asLong()
                            + target.path("delivering").asLong()),
                    count(target, "retrying"),
                    count(target, "blocked"),
                    count(target, "dead"),
                    age(target.path("oldestSeconds")),
                    count(target, "perMinute"),
                    target.hasNonNull("drainSeconds") ? "in " + age(target.path("drainSeconds")) : "-",
                    state(target));
        }
        flows.forEach((name, flow) -> {
            if (!delivered.contains(name)) {
                table.row(
                        TerminalText.clean(name), "-", count(flow, "accepted"), "-", "-", "-", "-", "-", "-", "-", "-");
            }
        });
        out.println();
        table.print(out);
        for (JsonNode target : status.path("targets")) {
            String name = TerminalText.of(target.path("flow")) + "/" + TerminalText.of(target.path("target"));
            reason(out, name, target);
            if (target.path("timedOut").asLong() > 0) {
                out.println(name + ": " + count(target, "timedOut") + " deliveries had no outcome in time");
            }
        }
    }

    // ---- Sources

    private void sources(PrintWriter out) {
        if (status.path("sources").isEmpty()) {
            return;
        }
        TextTable table = new TextTable(
                "SOURCE",
                "KIND",
                "RECORDS",
                "REFUSED",
                "BROKEN",
                "SKIPPED",
                "AHEAD",
                "LAST GOOD",
                "NEXT RUN",
                "LAG",
                "STATE");
        for (JsonNode source : status.path("sources")) {
            boolean isPushed = PUSHED.contains(source.path("kind").asText());
            long refused = 0;
            for (JsonNode count : source.path("refused")) {
                refused += count.asLong();
            }
            table.row(
                    TerminalText.of(source.path("name")),
                    TerminalText.of(source.path("kind")),
                    count(source, "records"),
                    isPushed ? number(refused) : "-",
                    isPushed ? "-" : count(source, "broken"),
                    isPushed ? "-" : count(source, "skipped"),
                    isPushed ? "-" : count(source, "ahead"),
                    AgeText.of(source.path("lastGoodAt"), now),
                    AgeText.of(source.path("nextRunAt"), now),
                    source.hasNonNull("lagSeconds") ? age(source.path("lagSeconds")) : "-",
                    state(source));
        }
        out.println();
        table.print(out);
        for (JsonNode source : status.path("sources")) {
            reason(out, TerminalText.of(source.path("name")), source);
        }
    }

    // ---- Ledger

    private void ledger(PrintWriter out) {
        JsonNode ledger = status.path("ledger");
        out.println();
        StringBuilder line = new StringBuilder("ledger: ");
        line.append(ledger.path("writable").asBoolean() ? "writable" : "cannot be written");
        if (ledger.hasNonNull("bytes")) {
            line.append(", ").append(SizeText.of(ledger.path("bytes")));
        }
        if (ledger.hasNonNull("freeBytes")) { // a database server does not tell
            line.append(", ").append(SizeText.of(ledger.path("freeBytes"))).append(" free");
        }
        if (ledger.hasNonNull("fullInSeconds")) {
            line.append(", full in ").append(age(ledger.path("fullInSeconds"))).append(" at the present growth");
        }
        out.println(line);
        for (String field : new String[] {"trouble", "damage", "clock"}) {
            if (ledger.hasNonNull(field)) {
                out.println(TerminalText.of(ledger.path(field)));
            }
        }
    }

    // ---- Routes

    private void routes(PrintWriter out) {
        JsonNode routes = status.path("routes");
        out.println("routes: " + count(routes, "loaded") + " loaded" + (isStarting() ? " until now" : ""));
        for (JsonNode file : routes.path("refused")) {
            out.println(TerminalText.of(file.path("file")) + " is not loaded since "
                    + AgeText.of(file.path("since"), now).replace(" ago", "") + ":");
            file.path("reason").asText().lines().forEach(line -> out.println("  " + TerminalText.clean(line)));
        }
    }

    // ---- Tokens and certificates

    private boolean areInTrouble(String what) {
        return status.path(what).findValues("trouble").stream().anyMatch(JsonNode::isTextual);
    }

    private static void bills(JsonNode bills, PrintWriter out) {
        if (bills.hasNonNull("trouble")) {
            out.println("bills " + TerminalText.of(bills.path("name")) + ": " + TerminalText.of(bills.path("trouble")));
        }
    }

    private String tls(JsonNode tls) {
        return tls.hasNonNull("trouble")
                ? TerminalText.of(tls.path("trouble"))
                : "tls of the " + TerminalText.of(tls.path("port")) + " port: certificate until "
                        + TerminalText.of(tls.path("expiresAt"));
    }

    // ---- Cells

    private void reason(PrintWriter out, String name, JsonNode one) {
        if (one.hasNonNull("reason")) {
            String since = one.hasNonNull("since") ? " since " + AgeText.of(one.path("since"), now) : "";
            out.println(name + " is " + TerminalText.of(one.path("state")) + since.replace(" ago", "") + ": "
                    + TerminalText.of(one.path("reason")));
        }
    }

    private String state(JsonNode one) {
        String word = TerminalText.of(one.path("state"));
        if (isOk(one) || !ansi.enabled()) {
            return word;
        }
        return ansi.string("@|" + (MILD.contains(word) ? "yellow " : "bold,red ") + word + "|@");
    }

    private static String age(JsonNode seconds) {
        return AgeText.ofSeconds(seconds.asDouble());
    }

    public static String count(JsonNode object, String field) {
        return number(object.path(field).asLong());
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
