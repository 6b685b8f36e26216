package dev.serai.node.live;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import dev.serai.node.route.RouteModel;
import dev.serai.text.LogText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Tries what the loaded routes use outside this process: hosts, ports, certificates, tokens, tables, topics, folders, and the
 * first page of pulls. Nothing there is changed, and no record is handed over.
 *
 * <p>Threads: one thread; the trials run beside each other.
 */
public final class LiveReport {
    /** How long all of them together may take. */
    private static final long SECONDS_MAX = 9;

    private static final int AT_ONCE = 16;
    private static final int PART_CHARS_MAX = 60;

    /** A part to try, and its place. */
    private record Trial(String part, String at, LiveCheck check) {}

    private final CamelContext context;
    private final ServiceLoader<EndpointCheck> endpoints = ServiceLoader.load(EndpointCheck.class);
    private final Map<Object, Trial> trials = new LinkedHashMap<>();

    private LiveReport(CamelContext context) {
        this.context = context;
    }

    /** What came of each trial, in the order of the routes. Takes up to {@value #SECONDS_MAX} seconds. */
    public static List<Finding> of(CamelContext context) throws InterruptedException {
        return of(context, SECONDS_MAX);
    }

    static List<Finding> of(CamelContext context, long secondsMax) throws InterruptedException {
        LiveReport report = new LiveReport(context);
        for (Route route : context.getRoutes()) {
            report.find(route);
        }
        return report.tryAll(secondsMax);
    }

    private void find(Route route) {
        RouteDefinition definition = RouteModel.model(context).getRouteDefinition(route.getId());
        if (definition == null) {
            return;
        }
        String kamelet = RouteModel.kameletOf(definition);
        String place = RouteModel.placeOfUser(RouteModel.model(context), definition);
        String at = place == null ? "" : " at " + place;
        add(route.getEndpoint(), true, kamelet, at);
        addSteps(route.getProcessor(), kamelet, at);
    }

    private void addSteps(Processor processor, @Nullable String kamelet, String at) {
        if (processor instanceof LiveCheck check) {
            trials.putIfAbsent(check, new Trial(kamelet == null ? processor.toString() : kamelet, at, check));
        }
        if (processor instanceof EndpointAware step && step.getEndpoint() != null) {
            add(step.getEndpoint(), false, kamelet, at);
        }
        if (processor instanceof Navigate<?> steps && steps.hasNext()) {
            for (Object next : Objects.requireNonNull(steps.next())) {
                addSteps((Processor) next, kamelet, at);
            }
        }
    }

    private void add(Endpoint endpoint, boolean isSource, @Nullable String kamelet, String at) {
        for (EndpointCheck component : endpoints) {
            LiveCheck check = component.of(endpoint, isSource);
            if (check != null) {
                String uri = endpoint.getEndpointBaseUri().replace("://", ":").replaceFirst("%20.*", "…");
                String part = kamelet == null ? LogText.line(uri, PART_CHARS_MAX) : kamelet;
                trials.putIfAbsent(endpoint, new Trial(part, at, check));
            }
        }
    }

    private List<Finding> tryAll(long secondsMax) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, task -> {
            Thread thread = new Thread(task, "serai-check");
            thread.setDaemon(true); // a trial that hangs does not keep the process
            return thread;
        });
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
        try {
            Map<Trial, Future<String>> running = new LinkedHashMap<>();
            trials.values().forEach(trial -> running.put(trial, threads.submit(trial.check()::tryOut)));
            List<Finding> findings = new ArrayList<>();
            for (Map.Entry<Trial, Future<String>> one : running.entrySet()) {
                findings.add(finding(one.getKey(), one.getValue(), endNanos - System.nanoTime()));
            }
            return findings;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Finding finding(Trial trial, Future<String> result, long nanos) throws InterruptedException {
        try {
            return new Finding(true, trial.part(), trial.at(), result.get(Math.max(0, nanos), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Finding(false, trial.part(), trial.at(), Mend.of(cause));
        } catch (TimeoutException e) {
            TimeoutException late = new TimeoutException("no answer in time");
            return new Finding(false, trial.part(), trial.at(), Mend.of(late));
        }
    }
}
