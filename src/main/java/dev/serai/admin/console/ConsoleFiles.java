package dev.serai.admin.console;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console by their names, for example {@code assets/lib/uplot.js}. They are read once, so nothing but them can
 * be asked for. All but the page itself have the {@link #version} in their address, so that a browser may keep them for good.
 *
 * <p>Threads: safe.
 */
final class ConsoleFiles {
    static final String INDEX = "index.html";
    /** Where the page refers to the other files. */
    static final String ASSETS = "/console/assets/";

    private static final int VERSION_DIGITS = 16;
    private static final String FOLDER = "dev/serai/admin/console/";
    private static final String HTML = "text/html; charset=utf-8";
    private static final Map<String, String> TYPES = Map.of(
            "html", HTML,
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
    private final String version;

    private ConsoleFiles(Map<String, ConsoleFile> files, String version) {
        this.files = Map.copyOf(files);
        this.version = version;
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
        SortedMap<String, ConsoleFile> files = new TreeMap<>();
        for (String name : names()) {
            String type = type(name);
            if (type != null && !name.equals(INDEX)) {
                files.put(name, new ConsoleFile(type, read(name)));
            }
        }
        for (LibraryFile library : LIBRARIES) {
            String type = type(library.name());
            if (type != null) {
                files.put(library.name(), new ConsoleFile(type, library.read()));
            }
        }
        String version = version(files);
        files.put(INDEX, new ConsoleFile(HTML, page(files.keySet(), version)));
        return new ConsoleFiles(files, version);
    }

    private static byte[] read(String name) throws IOException {
        try (InputStream in = open(FOLDER + name)) {
            return in.readAllBytes();
        }
    }

    private static String version(SortedMap<String, ConsoleFile> files) {
        StringBuilder all = new StringBuilder();
        files.forEach(
                (name, file) -> all.append(name).append(' ').append(file.hash()).append('\n'));
        byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
        return ConsoleFile.hash(bytes).substring(0, VERSION_DIGITS);
    }

    /** The page with the addresses of this version; it names all scripts, so that a browser need not find one by the other. */
    private static byte[] page(Set<String> names, String version) throws IOException {
        String page = new String(read(INDEX), StandardCharsets.UTF_8);
        String scripts = names.stream()
                .filter(name -> name.endsWith(".js"))
                .map(name -> "  <link rel=\"modulepreload\" href=\"/console/" + name + "\">\n")
                .collect(Collectors.joining());
        return page.replace("</head>", scripts + "</head>")
                .replace(ASSETS, ASSETS + version + "/")
                .getBytes(StandardCharsets.UTF_8);
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

    /** Other after each change of a file, and a part of their addresses. */
    String version() {
        return version;
    }

    /** Null if there is none with this name. */
    @Nullable ConsoleFile get(String name) {
        return files.get(name);
    }

    Set<String> all() {
        return files.keySet();
    }
}
