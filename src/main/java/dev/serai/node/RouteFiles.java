package dev.serai.node;

import dev.serai.node.route.ConfigurationException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds the route files that globs name. */
public final class RouteFiles {
    /** Without {@code --routes}: the user's flows, and the outside world that the sandbox plays. */
    private static final List<String> DEFAULTS = List.of("routes/*", "sandbox/*");

    private static final Set<String> ENDINGS = Set.of(".yaml", ".yml", ".xml");

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

    /** Like {@link #find}, but without complaint when a glob matches none. */
    public static List<Path> findAny(List<String> globs) {
        List<Path> files = new ArrayList<>();
        for (String glob : globs.isEmpty() ? DEFAULTS : globs) {
            files.addAll(matching(glob));
        }
        return files;
    }

    /** The files, sorted by name; throws {@link ConfigurationException} if a given glob matches none. */
    public static List<Path> find(List<String> globs) {
        List<Path> files = new ArrayList<>();
        for (String glob : globs.isEmpty() ? DEFAULTS : globs) {
            Set<Path> found = matching(glob);
            if (found.isEmpty() && !globs.isEmpty()) {
                throw new ConfigurationException("no route file (.yaml or .xml) matches --routes " + glob);
            }
            files.addAll(found);
        }
        return files;
    }

    private static Set<Path> matching(String glob) {
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
            tree.filter(file -> matcher.matches(file) && isRouteFile(file)).forEach(files::add);
        } catch (IOException e) {
            throw new ConfigurationException("cannot read the folder " + folder + ": " + e.getMessage(), e);
        }
        return files;
    }

    private static boolean isRouteFile(Path file) {
        String name = String.valueOf(file.getFileName());
        return Files.isRegularFile(file)
                && !name.startsWith(".")
                && ENDINGS.stream().anyMatch(name::endsWith);
    }
}
