package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.node.trial.RouteTrial;
import dev.serai.node.trial.TrialFailure;
import dev.serai.node.trial.TrialResult;
import dev.serai.node.trial.TrialRoute;
import dev.serai.node.trial.TriedChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs one test: the given message through its route, and each change that comes out through the route of each target.
 *
 * <p>Threads: one thread.
 */
final class TestRun {
    /**
     * The outcome.
     *
     * @param differences between what is expected and what came out; none if the test passes
     */
    record TestResult(TestCase test, List<String> differences) {
        boolean passes() {
            return differences.isEmpty();
        }
    }

    private record Sent(String target, ObjectNode request) {}

    private final RouteTrial trial;
    private final TestCase test;
    private final List<String> differences = new ArrayList<>();
    private final List<ObjectNode> changes = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private @Nullable TrialFailure refusal;
    private final List<TrialFailure> failures = new ArrayList<>();

    private TestRun(RouteTrial trial, TestCase test) {
        this.trial = trial;
        this.test = test;
    }

    /** @throws IllegalArgumentException if there is no such route, flow or target; it says which there are */
    static TestResult of(RouteTrial trial, TestCase test) {
        TestRun run = new TestRun(trial, test);
        run.run();
        run.judge();
        return new TestResult(test, run.differences);
    }

    // ---- Running

    private void run() {
        trial.setNow(test.now());
        TrialNames names = new TrialNames(trial);
        TrialRoute route =
                switch (test.subject()) {
                    case FLOW -> names.ofFlow(test.name());
                    case ROUTE -> names.ofId(test.name());
                    case TARGET -> names.ofTarget(test.name());
                };
        if (route.target() != null) {
            deliver(route, GivenChange.of(route, test.headers(), test.body()));
            return;
        }
        TrialResult result = trial.run(route, test.headers(), test.body());
        refusal = result.failure();
        result.requests().forEach(request -> sent.add(new Sent(route.id(), TrialJson.request(request))));
        for (TriedChange change : result.changes()) {
            changes.add(TrialJson.change(change));
            trial.targetsOf(change.flow()).forEach(target -> deliver(target, change));
        }
    }

    private void deliver(TrialRoute route, TriedChange change) {
        TrialResult result = trial.deliver(route, change);
        String name = Objects.requireNonNull(route.name());
        result.requests().forEach(request -> sent.add(new Sent(name, TrialJson.request(request))));
        TrialFailure failure = result.failure();
        if (failure != null) {
            failures.add(failure);
            if (test.expected().error() == null) {
                differences.add(name + " fails" + at(failure) + ": " + failure.reason() + "; " + failure.follows());
            }
        }
    }

    private static String at(TrialFailure failure) {
        return failure.place() == null ? "" : " at " + failure.place();
    }

    // ---- Comparing

    private void judge() {
        TestCase.Expected expected = test.expected();
        judgeFailures(expected);
        if (expected.changes() != null) {
            judgeChanges(expected.changes());
        }
        if (expected.requests() != null) {
            judgeRequests(new ArrayList<>(expected.requests()));
        }
        if (expected.filtered() && !sent.isEmpty()) {
            differences.add("filtered: expected nothing to be sent, got " + TrialText.count(sent.size(), "request")
                    + ", the first to " + sent.get(0).target());
        }
        if (expected.filtered() && sent.isEmpty() && test.expected().changes() == null && isStoredForNobody()) {
            differences.add("filtered: expected no change, got one that no target is there for");
        }
    }

    private boolean isStoredForNobody() {
        return changes.stream()
                .anyMatch(
                        change -> trial.targetsOf(change.path("flow").asText()).isEmpty());
    }

    private void judgeFailures(TestCase.Expected expected) {
        TrialFailure found = refusal;
        if (expected.refused() != null && (found == null || found.status() != expected.refused())) {
            differences.add("refused: expected " + expected.refused() + ", got "
                    + (found == null
                            ? TrialText.count(changes.size(), "change")
                            : found.status() + at(found) + ": " + found.reason()));
        } else if (expected.refused() == null && expected.error() == null && found != null) {
            differences.add("the route fails" + at(found) + ": " + found.reason() + " (" + found.status() + ")");
        }
        String error = expected.error();
        if (error != null) {
            List<TrialFailure> all = new ArrayList<>(failures);
            if (found != null) {
                all.add(0, found);
            }
            if (all.stream().noneMatch(failure -> failure.reason().contains(error))) {
                differences.add("error: expected \"" + error + "\", got "
                        + (all.isEmpty() ? "no failure" : "\"" + all.get(0).reason() + "\"" + at(all.get(0))));
            }
        }
    }

    private void judgeChanges(List<JsonNode> expected) {
        if (expected.size() != changes.size()) {
            differences.add("changes: expected " + expected.size() + ", got " + changes.size()
                    + (changes.isEmpty() && refusal == null ? ": the route keeps it back" : ""));
        }
        for (int i = 0; i < Math.min(expected.size(), changes.size()); i++) {
            String path = expected.size() == 1 ? "change" : "changes[" + i + "]";
            differences.addAll(Difference.ofNamed(path, expected.get(i), changes.get(i)));
        }
    }

    /** In their order for each target. When all of them name their targets, requests to others are not looked at. */
    private void judgeRequests(List<JsonNode> expected) {
        List<Sent> left = new ArrayList<>(sent);
        boolean isOfNamed = !expected.isEmpty() && expected.stream().allMatch(request -> request.has("target"));
        if (isOfNamed) {
            left.removeIf(one -> expected.stream().noneMatch(request -> isFor(request, one)));
        }
        for (int i = 0; i < expected.size(); i++) {
            JsonNode request = expected.get(i);
            String path = expected.size() == 1 ? "request" : "requests[" + i + "]";
            Sent found = left.stream()
                    .filter(one -> !request.has("target") || isFor(request, one))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                differences.add(path + ": expected one"
                        + (request.has("target")
                                ? " to " + request.path("target").asText()
                                : "") + ", got none"
                        + (sent.isEmpty() ? "" : "; there are requests to " + targets()));
                continue;
            }
            left.remove(found);
            ObjectNode compared = request.deepCopy();
            compared.remove("target");
            differences.addAll(Difference.ofNamed(path, compared, found.request()));
        }
        for (Sent one : left) {
            differences.add(
                    "requests: not expected: " + one.request().path("method").asText() + " "
                            + one.request().path("url").asText() + " of " + one.target());
        }
    }

    private String targets() {
        return String.join(", ", sent.stream().map(Sent::target).distinct().toList());
    }

    private static boolean isFor(JsonNode request, Sent one) {
        String named = request.path("target").asText();
        return one.target().equals(named) || one.target().endsWith("/" + named);
    }
}
