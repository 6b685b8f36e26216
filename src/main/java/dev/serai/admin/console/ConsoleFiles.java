package dev.serai.admin.console;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console by their names, for example {@code assets/lib/uplot.js}. They are read once, so nothing but them can
 * be asked for.
 *
 * <p>Threads: safe.
 */
final class ConsoleFiles {
    static final String INDEX = "index.html";

    private static final String FOLDER = "dev/serai/admin/console/";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2");
    /** What the pages use of other people's libraries. */
    private static final List<LibraryFile> LIBRARIES = List.of(
            new LibraryFile(
                    "assets/lib/uplot.js", "org.webjars.npm", "uplot", "webjars/uplot/VERSION/dist/uPlot.esm.js"),
            new LibraryFile(
                    "assets/lib/uplot.css", "org.webjars.npm", "uplot", "webjars/uplot/VERSION/dist/uPlot.min.css"),
            new LibraryFile(
                    "assets/lib/preact.js", "org.mvnpm", "htm", "_static/htm/VERSION/preact/standalone.module.js"));

    private final Map<String, ConsoleFile> files;

    private ConsoleFiles(Map<String, ConsoleFile> files) {
        this.files = Map.copyOf(files);
    }

    /** @param path in the library's jar, below {@code META-INF/resources} */
    private record LibraryFile(String name, String group, String artifact, String path) {
        byte[] read() throws IOException {
            Properties properties = new Properties();
            try (InputStream in = open("META-INF/maven/" + group + "/" + artifact + "/pom.properties")) {
                properties.load(in);
            }
            String version = properties.getProperty("version");
            try (InputStream in = open("META-INF/resources/" + path.replace("VERSION", version))) {
                return in.readAllBytes();
            }
        }
    }

    /** Reads all of them. */
    static ConsoleFiles load() throws IOException {
        Map<String, ConsoleFile> files = new HashMap<>();
        for (String name : names()) {
            String type = type(name);
            if (type != null) {
                try (InputStream in = open(FOLDER + name)) {
                    files.put(name, new ConsoleFile(type, in.readAllBytes()));
                }
            }
        }
        for (LibraryFile library : LIBRARIES) {
            String type = type(library.name());
            if (type != null) {
                files.put(library.name(), new ConsoleFile(type, library.read()));
            }
        }
        return new ConsoleFiles(files);
    }

    /** Null for classes, which are in the same folder, and whatever else is not for browsers. */
    private static @Nullable String type(String name) {
        return TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = ConsoleFiles.class.getClassLoader().getResourceAsStream(resource);
        if (in == null) {
            throw new FileNotFoundException(resource + " is missing in the program: build or install it again");
        }
        return in;
    }

    /** In the program's jar, or in the folder of its classes. */
    private static List<String> names() throws IOException {
        URL index = ConsoleFiles.class.getClassLoader().getResource(FOLDER + INDEX);
        if (index == null) {
            throw new FileNotFoundException(FOLDER + INDEX + " is missing in the program: build or install it again");
        }
        URLConnection connection = index.openConnection();
        if (connection instanceof JarURLConnection jar) {
            return jar.getJarFile().stream()
                    .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(FOLDER))
                    .map(entry -> entry.getName().substring(FOLDER.length()))
                    .toList();
        }
        try {
            Path folder = Path.of(index.toURI()).resolveSibling("");
            try (Stream<Path> all = Files.walk(folder)) {
                return all.filter(Files::isRegularFile)
                        .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                        .toList();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        } catch (URISyntaxException e) {
            throw new IOException(index + " is not an address of a file", e);
        }
    }

    /** Null if there is none with this name. */
    @Nullable ConsoleFile get(String name) {
        return files.get(name);
    }

    Set<String> all() {
        return files.keySet();
    }
}
