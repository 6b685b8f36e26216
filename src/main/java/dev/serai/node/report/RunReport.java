package dev.serai.node.report;

import dev.serai.admin.StatusJson;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.node.Node;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.text.DurationText;
import dev.serai.text.SecretNames;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run logs about itself: a few lines at its start, the progress, reminders of what needs an operator, and a line at its
 * end.
 *
 * <p>Threads: one thread at a time.
 */
public final class RunReport {
    private static final Logger LOG = LoggerFactory.getLogger(RunReport.class);
    private static final int NAMES_MAX = 5;

    private final Node node;
    private final Clock clock;
    private final Instant startedAt;
    private final StatusReminder reminder;
    private @Nullable ProgressLine progress;
    private volatile boolean isShared;

    /** @param node a started one */
    public RunReport(Node node, Clock clock) {
        this.node = node;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.reminder = new StatusReminder(node::status, clock);
    }

    /**
     * Logs what runs, and begins with the rest.
     *
     * @param version name and version of the program
     * @param out where the progress is printed; null for nowhere
     */
    public void start(String version, RunOptions options, Settings settings, @Nullable PrintStream out) {
        Path config = options.config() != null ? options.config() : Path.of("application.properties");
        LOG.info(
                "{}, Java {}, heap up to {} MiB; configuration {}, data {}, ledger {}",
                version,
                System.getProperty("java.version"),
                Runtime.getRuntime().maxMemory() >> 20,
                Files.exists(config) ? absolute(config) : "none",
                absolute(Path.of(settings.get("serai.data"))),
                SecretNames.withoutUrlSecrets(settings.get("camel.component.ledger.url")));
        StatusJson status = node.status();
        LOG.info(
                "{}; {}; {}",
                names("flow", status.flows().stream().map(flow -> flow.flow()).toList()),
                names(
                        "target",
                        status.targets().stream()
                                .map(target -> target.flow() + "/" + target.target())
                                .sorted()
                                .toList()),
                names(
                        "source",
                        status.sources().stream()
                                .map(source -> source.name())
                                .sorted()
                                .toList()));
        LOG.info("{}", before(node.flowsAtStart(), startedAt));
        isShared = node.ledger().talk().isShared();
        if (out != null) {
            progress = new ProgressLine(node.ledger(), out, clock);
            progress.start();
        }
        reminder.start();
    }

    /** To be called before the node is closed. */
    public void stopping() {
        reminder.close();
        if (progress != null) {
            progress.close();
        }
    }

    /**
     * Logs how the run ended; to be called when the node is closed.
     *
     * @param why it ends
     */
    public void stopped(String why) {
        LOG.info(
                "Stopped after {}, because {}; {}{}",
                DurationText.between(startedAt, clock.instant()),
                why,
                isShared && node.flowsAtStart() != null && node.flowsAtEnd() != null ? "all nodes together " : "",
                end(node.flowsAtStart(), node.flowsAtEnd()));
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static String names(String what, List<String> names) {
        int more = names.size() - NAMES_MAX;
        String list = names.stream().limit(NAMES_MAX).collect(Collectors.joining(", ", ": ", ""));
        return names.size() + " " + what + (names.size() == 1 ? "" : "s") + (names.isEmpty() ? "" : list)
                + (more > 0 ? " and " + more + " more" : "");
    }

    static String before(@Nullable List<FlowStatus> flows, Instant now) {
        if (flows == null) {
            return "What is left from before is not known: not all of the ledger can be read";
        }
        String waits = waits(flows);
        if (waits.isEmpty()) {
            return "Nothing is left from before";
        }
        return "Left from before: " + waits
                + targets(flows).stream()
                        .map(TargetStatus::oldest)
                        .filter(Objects::nonNull)
                        .min(Instant::compareTo)
                        .map(oldest -> "; the oldest was accepted " + DurationText.between(oldest, now) + " ago")
                        .orElse("");
    }

    static String end(@Nullable List<FlowStatus> before, @Nullable List<FlowStatus> after) {
        if (after == null || before == null) {
            return "not all of the ledger could be read, so what was accepted and what waits is not known";
        }
        String waits = waits(after);
        return "accepted " + number(accepted(after) - accepted(before)) + ", delivered "
                + number(delivered(after) - delivered(before))
                + (waits.isEmpty() ? "; nothing is left" : "; left: " + waits);
    }

    /** Counted for each target. */
    private static String waits(List<FlowStatus> flows) {
        List<TargetStatus> targets = targets(flows);
        long[] counts = {
            targets.stream().mapToLong(t -> t.pending() + t.delivering()).sum(),
            targets.stream().mapToLong(TargetStatus::waiting).sum(),
            targets.stream().mapToLong(TargetStatus::parked).sum(),
            targets.stream().mapToLong(TargetStatus::dead).sum()
        };
        String[] words = {"pending", "retrying", "blocked", "dead"};
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(number(counts[i]))
                        .append(' ')
                        .append(words[i]);
            }
        }
        return text.toString();
    }

    private static List<TargetStatus> targets(List<FlowStatus> flows) {
        return flows.stream().flatMap(flow -> flow.targets().stream()).toList();
    }

    private static long accepted(List<FlowStatus> flows) {
        return flows.stream().mapToLong(FlowStatus::accepted).sum();
    }

    private static long delivered(List<FlowStatus> flows) {
        return targets(flows).stream().mapToLong(TargetStatus::delivered).sum();
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
