package dev.serai.node.reload;

import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.node.NamedThreads;
import dev.serai.node.Node;
import dev.serai.node.Rehearsal;
import dev.serai.node.RouteFiles;
import dev.serai.node.RunOptions;
import dev.serai.node.StartFailure;
import dev.serai.node.mistake.RouteMistakes;
import dev.serai.node.route.ConfigurationException;
import dev.serai.node.route.RouteModel;
import dev.serai.node.route.SharedName;
import dev.serai.task.RepeatedTask;
import dev.serai.text.LogText;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hot reload: looks at the route files and Kamelets once a second, rehearses each file that changed, and if that succeeds
 * replaces the file's running routes.
 *
 * <p>If a file cannot be loaded, its old routes continue to run. It is tried again when it, a Kamelet or another file changes.
 *
 * <p>Threads: works on its own thread; one other thread starts and closes it.
 */
public final class RouteReload implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);
    private static final long LOOK_MILLIS = 1_000;
    private static final int REASON_MAX = 500;
    private static final long CLOSE_SECONDS_MAX = 2;
    private static final String KAMELET = ".kamelet.yaml";

    private final RunOptions options;
    private final Watch watch;
    private final LiveRoutes live;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<Path, byte[]> running;
    private final Map<Path, Optional<byte[]>> refused = new TreeMap<>();
    private final Set<Path> changedKamelets = new TreeSet<>();
    private final ScheduledExecutorService looks =
            Executors.newSingleThreadScheduledExecutor(NamedThreads.named("serai-reload"));
    private final RefusedFiles refusedFiles;
    private String lastTrouble = "";

    /** The files as they were before the routes were loaded. */
    public static final class Watch {
        private final WatchedFiles routes;
        private final WatchedFiles kamelets;

        public Watch(RunOptions options) {
            routes = new WatchedFiles(RouteFiles.finder(options));
            kamelets = new WatchedFiles(() -> kameletFiles(Node.kameletFolders(options)));
        }

        private static List<Path> kameletFiles(List<Path> folders) {
            List<Path> files = new ArrayList<>();
            for (Path folder : folders) {
                if (Files.isDirectory(folder)) {
                    try (Stream<Path> inside = Files.list(folder)) {
                        inside.filter(file -> file.toString().endsWith(KAMELET)).forEach(files::add);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
            return files;
        }
    }

    /** @param live the routes of a node that was started after the watch was set up */
    public RouteReload(RunOptions options, Watch watch, LiveRoutes live, PrintStream out, PrintStream err) {
        this.options = options;
        this.watch = watch;
        this.live = live;
        this.out = out;
        this.err = err;
        this.running = watch.routes.contents();
        this.refusedFiles = new RefusedFiles(RouteFileStatus.of(live.context()), Clock.systemUTC());
    }

    public void start() {
        new RepeatedTask("The look at the route files", this::lookSafely).start(looks, LOOK_MILLIS, LOOK_MILLIS);
    }

    /** Waits for a replacement in progress. */
    @Override
    public void close() {
        looks.shutdown();
        try {
            if (!looks.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                looks.shutdownNow(); // a reload waits for what its routes have in progress, as the node's stop does
                looks.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookSafely() {
        try {
            look();
            lastTrouble = "";
            refusedFiles.setTrouble(watchedNames(), null);
        } catch (RuntimeException | Error e) { // an exception that is thrown on would end the schedule
            String trouble = e.toString();
            if (!trouble.equals(lastTrouble)) {
                LOG.warn("Route files cannot be read, so changes to them have no effect; trying again: {}", trouble, e);
                lastTrouble = trouble;
            }
            refusedFiles.setTrouble(
                    watchedNames(), "route files cannot be read, so changes to them have no effect: " + trouble);
        }
    }

    private String watchedNames() {
        return String.join(" ", options.routes());
    }

    /** Looks once and loads what changed. */
    void look() {
        changedKamelets.addAll(watch.kamelets.look().keySet());
        Map<Path, Optional<byte[]>> changed = watch.routes.look();
        refused.putAll(changed);
        if (changedKamelets.isEmpty() && changed.isEmpty()) {
            return;
        }
        Map<Path, Optional<byte[]>> todo = new TreeMap<>();
        filesUsing(names(changedKamelets)).forEach(file -> todo.put(file, Optional.ofNullable(running.get(file))));
        // The file that they conflicted with may be gone.
        todo.putAll(refused);
        refused.clear();
        changedKamelets.clear();
        try {
            load(todo);
        } finally {
            refused.putAll(todo);
        }
    }

    private static Set<String> names(Set<Path> kamelets) {
        Set<String> names = new HashSet<>();
        for (Path file : kamelets) {
            String name = String.valueOf(file.getFileName());
            names.add(name.substring(0, name.length() - KAMELET.length()));
        }
        return names;
    }

    private List<Path> filesUsing(Set<String> kamelets) {
        List<Path> using = new ArrayList<>();
        for (Path file : kamelets.isEmpty() ? Set.<Path>of() : running.keySet()) {
            if (live.kameletsOf(file).stream().anyMatch(kamelets::contains)) {
                using.add(file);
            }
        }
        return using;
    }

    /** Removes deleted files first, because other files may use their ids and paths now; repeats while a file can be loaded. */
    private void load(Map<Path, Optional<byte[]>> todo) {
        Map<Path, String> reasons = new HashMap<>();
        boolean moved = true;
        while (moved && !todo.isEmpty()) {
            List<Map.Entry<Path, Optional<byte[]>>> files = new ArrayList<>();
            todo.forEach((file, content) -> files.add(Map.entry(file, content)));
            files.sort(Comparator.comparing(file -> file.getValue().isPresent()));
            moved = false;
            for (Map.Entry<Path, Optional<byte[]>> file : files) {
                try {
                    load(file.getKey(), file.getValue().orElse(null));
                    todo.remove(file.getKey());
                    moved = true;
                } catch (ReloadException e) {
                    LOG.debug("Not reloaded: {}", file.getKey(), e);
                    reasons.put(file.getKey(), String.valueOf(e.getMessage()));
                }
            }
        }
        reasons.keySet().retainAll(todo.keySet());
        refusedFiles.set(reasons).forEach(file -> note(file, "refused", reasons.get(file)));
        todo.keySet()
                .forEach(file -> err.println(
                        "serai: " + String.valueOf(reasons.get(file)).replace("\n", "\nserai: ")
                                + (running.containsKey(file)
                                        ? "; its old routes continue to run"
                                        : "; the file is not loaded")));
    }

    private void load(Path file, byte @Nullable [] content) throws ReloadException {
        byte[] before = running.get(file);
        if (content == null && before == null) {
            return;
        }
        Set<String> ids = live.idsOf(file);
        Set<String> kamelets = content == null ? Set.of() : rehearse(file);
        try {
            live.replace(file, content, before, kamelets);
        } catch (ReloadException e) {
            throw new ReloadException(placed(file, e.getMessage()), e);
        } catch (Exception | Error e) {
            throw new ReloadException(
                    placed(file, StartFailure.of(e, live.context()).message()), e);
        }
        if (content == null) {
            running.remove(file);
            out.println("removed " + file + ": " + String.join(", ", ids) + "; targets keep their place in the ledger");
            note(file, "removed", null);
        } else {
            running.put(file, content);
            Set<String> now = live.idsOf(file);
            out.println((before == null ? "loaded " : "reloaded ") + file + ": "
                    + (now.isEmpty() ? "no route" : String.join(", ", now)));
            note(file, before == null ? "loaded" : "reloaded", null);
        }
    }

    private void note(Path file, String outcome, @Nullable String reason) {
        String why = reason == null ? null : LogText.line(reason, REASON_MAX);
        live.context()
                .getComponent("ledger", LedgerComponent.class)
                .ledger()
                .actions()
                .log()
                .append(AuditEntry.of("node", "reload", file.toString(), null, null, why, outcome));
    }

    /** Loads the file in a {@link Rehearsal}; returns the names of the Kamelets it uses. */
    private Set<String> rehearse(Path file) throws ReloadException {
        try (Rehearsal rehearsal = new Rehearsal(options, false)) {
            try {
                rehearsal.load(List.of(file));
                return kamelets(file, rehearsal.context());
            } catch (Exception | Error e) { // a class that is missing, or YAML that is nested too deeply
                Node node = rehearsal.node();
                StartFailure failure = StartFailure.of(e, node == null ? null : node.context());
                throw new ReloadException(placed(file, failure.message()), e);
            }
        } catch (IOException e) {
            throw new ReloadException(placed(file, "cannot be checked: " + e.getMessage()), e);
        }
    }

    private Set<String> kamelets(Path file, CamelContext rehearsed) {
        Model model = RouteModel.model(rehearsed);
        for (RouteDefinition route : model.getRouteDefinitions()) {
            if (route.hasCustomIdAssigned() && live.isTaken(route.getRouteId(), file)) {
                throw new ConfigurationException(
                        RouteModel.placeOf(route) + ": the route at " + live.placeOf(route.getRouteId())
                                + " has the route id " + route.getRouteId() + " too: give each route its own id");
            }
        }
        SharedName.refuse(rehearsed, live.context(), live.idsOf(file)::contains);
        RouteMistakes.refuseShared(rehearsed, live.context(), live.idsOf(file)::contains);
        Set<String> names = new TreeSet<>();
        for (RouteTemplateDefinition template : model.getRouteTemplateDefinitions()) {
            names.add(template.getId());
        }
        return names;
    }

    /** The reason, with the file if it does not name it. */
    private static String placed(Path file, @Nullable String reason) {
        String said = String.valueOf(reason);
        return said.contains(String.valueOf(file.getFileName())) ? said : file + ": " + said;
    }
}
