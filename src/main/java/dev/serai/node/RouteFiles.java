package dev.serai.node;

import dev.serai.node.route.ConfigurationException;
import dev.serai.reconcile.Reconciler;
import dev.serai.text.NearestName;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Finds the route files that globs name. */
public final class RouteFiles {
    /** Whether the sandbox is loaded: on or off. */
    static final String SANDBOX = "serai.sandbox";

    /** The files that the sandbox plays the outside world of; without any of them nothing of it is loaded. */
    static final Set<String> SHIPPED = Set.of(
            "messages.camel.yaml",
            "orders.camel.xml",
            "payments.camel.yaml",
            "scores.camel.yaml",
            "sessions.camel.yaml");

    private static final Set<String> ENDINGS = Set.of(".yaml", ".yml", ".xml");

    /** They stand beside the routes that they test, or whose targets they read back. */
    private static final Set<String> OTHERS = Set.of(".test.yaml", ".test.yml", ".reconcile.yaml", ".reconcile.yml");

    /** A parser takes many times the bytes of a file. */
    public static final long BYTES_MAX = 4 << 20;

    private RouteFiles() {}

    /** Throws {@link ConfigurationException} for a file that is too large to be read. */
    static void refuseLarge(List<Path> files) {
        for (Path file : files) {
            if (file.toFile().length() > BYTES_MAX) {
                throw new ConfigurationException(
                        file + ": is larger than " + (BYTES_MAX >> 20) + " MiB; is it a file of routes?");
            }
        }
    }

    /**
     * What a node with these options loads; without {@code --routes} the user's flows, and the outside world that the sandbox
     * plays. Throws {@link ConfigurationException} if what is given names none.
     */
    public static List<Path> find(RunOptions options) {
        return options.routes().isEmpty() ? defaults("", isSandboxOn(options)) : find(options.routes());
    }

    /** Like {@link #find(RunOptions)}, but without complaint. */
    public static List<Path> findAny(RunOptions options) {
        return finder(options).get();
    }

    /** Finds the files again each time. The settings are read now. */
    public static Supplier<List<Path>> finder(RunOptions options) {
        if (!options.routes().isEmpty()) {
            return () -> findAny(options.routes());
        }
        boolean isOn;
        try {
            isOn = isSandboxOn(options);
        } catch (ConfigurationException e) {
            isOn = true; // whoever starts with these settings reports it
        }
        boolean withSandbox = isOn;
        return () -> defaults("", withSandbox);
    }

    /**
     * Finds the reconcile files again each time: those that the same globs and folders name, and for a route file that is named
     * itself the one with its name.
     */
    static Supplier<List<Path>> reconcileFinder(RunOptions options) {
        List<String> globs = options.routes().isEmpty() ? List.of("routes/*") : options.routes();
        return () -> {
            Set<Path> files = new TreeSet<>();
            for (String glob : globs) {
                Path named = Path.of(glob);
                if (isRouteFile(named)) {
                    String name = String.valueOf(named.getFileName()).replaceFirst("(\\.camel)?\\.(yaml|yml|xml)$", "");
                    Path beside = named.resolveSibling(name + ".reconcile.yaml");
                    files.addAll(Files.isRegularFile(beside) ? List.of(beside) : List.of());
                } else {
                    files.addAll(matching(glob, Reconciler::isReconcileFile));
                }
            }
            return List.copyOf(files);
        };
    }

    private static boolean isSandboxOn(RunOptions options) {
        String value = Settings.load(options, System.getenv()).get(SANDBOX);
        if (!value.equals("on") && !value.equals("off")) {
            throw new ConfigurationException(SANDBOX + " must be on or off, not \"" + value + "\"");
        }
        return value.equals("on");
    }

    /** @param folder empty for the working directory, else with a slash at its end */
    static List<Path> defaults(String folder, boolean withSandbox) {
        List<Path> files = new ArrayList<>(matching(folder + "routes/*"));
        if (withSandbox && files.stream().anyMatch(file -> SHIPPED.contains(String.valueOf(file.getFileName())))) {
            files.addAll(matching(folder + "sandbox/*"));
        }
        return List.copyOf(files);
    }

    /** Like {@link #find(List)}, but without complaint when a glob matches none. */
    public static List<Path> findAny(List<String> globs) {
        Set<Path> files = new LinkedHashSet<>();
        for (String glob : globs) {
            files.addAll(matching(glob));
        }
        return List.copyOf(files);
    }

    /**
     * The files, sorted by name; throws {@link ConfigurationException} if what is given names none. A file that is no route file
     * and a folder without any are left out if something else is found, since a shell replaces {@code routes/*} by all that is
     * there.
     */
    public static List<Path> find(List<String> globs) {
        List<Path> files = findAny(globs);
        for (String glob : globs) {
            if (matching(glob).isEmpty() && (files.isEmpty() || !Files.exists(Path.of(glob)))) {
                throw new ConfigurationException("no route file (.yaml or .xml) matches --routes " + glob + near(glob));
            }
        }
        return files;
    }

    /** The file that was probably meant. */
    private static String near(String glob) {
        Path given = Path.of(glob);
        Path folder = given.toAbsolutePath().getParent();
        if (glob.matches(".*[*?\\[{].*") || folder == null || !Files.isDirectory(folder)) {
            return "";
        }
        try (Stream<Path> beside = Files.list(folder)) {
            List<String> names = beside.filter(file -> isRouteFile(file) || Files.isDirectory(file))
                    .map(file -> String.valueOf(file.getFileName()))
                    .toList();
            return NearestName.hint(String.valueOf(given.getFileName()), names);
        } catch (IOException e) {
            return "";
        }
    }

    private static Set<Path> matching(String glob) {
        return matching(glob, RouteFiles::isRouteFile);
    }

    private static Set<Path> matching(String glob, Predicate<Path> wanted) {
        if (Files.isRegularFile(Path.of(glob))) {
            return wanted.test(Path.of(glob)) ? Set.of(Path.of(glob)) : Set.of();
        }
        if (Files.isDirectory(Path.of(glob))) {
            return matching(glob + (glob.endsWith("/") ? "*" : "/*"), wanted);
        }
        Path plain = Path.of(glob.replaceAll("[*?\\[{].*", ""));
        Path folder = glob.endsWith("/") || Files.isDirectory(plain) ? plain : plain.getParent();
        if (folder == null) {
            folder = Path.of("");
        }
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        Set<Path> files = new TreeSet<>();
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.filter(file -> matcher.matches(file) && wanted.test(file)).forEach(files::add);
        } catch (IOException e) {
            throw new ConfigurationException("cannot read the folder " + folder + ": " + e.getMessage(), e);
        }
        return files;
    }

    private static boolean isRouteFile(Path file) {
        String name = String.valueOf(file.getFileName());
        return Files.isRegularFile(file)
                && !name.startsWith(".")
                && ENDINGS.stream().anyMatch(name::endsWith)
                && OTHERS.stream().noneMatch(name::endsWith);
    }
}
