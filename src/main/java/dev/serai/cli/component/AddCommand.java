package dev.serai.cli.component;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.text.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serai add}. */
@Command(
        description = {
            "Brings a component of Camel, with what it needs and Serai lacks, into a folder in components/, by Maven.",
            "A node uses it after its next start. To remove it, delete the folder."
        })
public final class AddCommand implements Callable<Integer> {
    private static final String GROUP = "org.apache.camel";
    private static final String PREFIX = "camel-";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern DESCRIPTION = Pattern.compile("META-INF/org/apache/camel/component/.+\\.json");
    private static final double MEGABYTE = 1e6;

    private final PrintWriter out;
    private final Path home;
    private final Path libraries;

    @Parameters(paramLabel = "COMPONENT", arity = "0..1", description = "The name of its module, such as camel-ftp.")
    private @Nullable String name;

    @Option(names = "--list", description = "List the modules that can be added.")
    private boolean list;

    @Option(names = "--offline", description = "Take only what Maven has on this machine.")
    private boolean offline;

    public AddCommand(PrintWriter out) {
        this(out, Path.of(""), Path.of("target", "app", "lib"));
    }

    /**
     * For a program in another folder.
     *
     * @param home has Serai's pom.xml and components/
     * @param libraries has the jars of the program
     */
    AddCommand(PrintWriter out, Path home, Path libraries) {
        this.out = out;
        this.home = home;
        this.libraries = libraries;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, String> versions = CamelModules.versions();
        Set<String> present = jars(libraries);
        if (list) {
            Set<String> artifacts =
                    present.stream().map(jar -> JarName.of(jar).artifact()).collect(Collectors.toSet());
            versions.keySet().stream()
                    .filter(module -> !artifacts.contains(module))
                    .forEach(out::println);
            return ExitCode.DONE;
        }
        if (name == null) {
            throw new CliException(ExitCode.USAGE, "say which component, such as camel-ftp; --list has their names");
        }
        String module = module(name, versions.keySet());
        Path folder = home.resolve("components").resolve(module);
        if (present.stream().anyMatch(jar -> JarName.of(jar).artifact().equals(module))) {
            out.println(module + " is a part of Serai: routes can use it");
            return ExitCode.DONE;
        }
        if (Files.exists(folder)) {
            throw new CliException(
                    ExitCode.NO, folder + " is there already: delete the folder first, to bring it again");
        }
        add(module, versions.getOrDefault(module, ""), folder, present);
        return ExitCode.DONE;
    }

    private static String module(String name, Set<String> known) {
        if (known.contains(name)) {
            return name;
        }
        if (!NAME.matcher(name).matches()) {
            throw new CliException(ExitCode.USAGE, name + " is not the name of a component: it is like camel-ftp");
        }
        if (known.contains(PREFIX + name)) {
            return PREFIX + name;
        }
        String whole = name.startsWith(PREFIX) ? name : PREFIX + name;
        throw new CliException(
                ExitCode.NO,
                "Camel has no module " + whole + NearestName.hint(whole, known) + "; --list has all of them");
    }

    private void add(String module, String version, Path folder, Set<String> present) throws IOException {
        Path work = Files.createTempDirectory("serai-add");
        try {
            List<Path> jars = new MavenRun(home.resolve("pom.xml"), offline).fetch(GROUP, module, work);
            Path own = jars.stream()
                    .filter(jar -> name(jar).artifact().equals(module))
                    .findFirst()
                    .orElseThrow(() -> new CliException(ExitCode.NO, "Maven brought no " + module));
            JarChoice choice = JarChoice.of(jars, present);
            if (!choice.conflicts().isEmpty()) {
                throw new CliException(
                        ExitCode.NO, module + " does not fit: it needs " + String.join("; ", choice.conflicts()));
            }
            copy(choice.missing(), folder);
            tell(own, version, folder, choice);
        } finally {
            delete(work);
        }
    }

    /** All of them or none. */
    private static void copy(List<Path> jars, Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path begun = folder.resolveSibling("." + folder.getFileName() + ".new");
        delete(begun);
        Files.createDirectory(begun);
        for (Path jar : jars) {
            Files.copy(jar, begun.resolve(String.valueOf(jar.getFileName())));
        }
        try {
            Files.move(begun, folder);
        } catch (FileAlreadyExistsException e) {
            delete(begun);
            throw new CliException(ExitCode.NO, folder + " is there already");
        }
    }

    private void tell(Path own, String version, Path folder, JarChoice choice) throws IOException {
        long bytes = 0;
        for (Path jar : choice.missing()) {
            bytes += Files.size(jar);
        }
        String found = name(own).version();
        out.println(String.format(
                Locale.ROOT,
                "added %s %s to %s: %d jars, %.1f MB",
                name(own).artifact(),
                found,
                folder,
                choice.missing().size(),
                bytes / MEGABYTE));
        choice.missing().forEach(jar -> out.println("  " + jar.getFileName()));
        choice.replaced().forEach(jar -> out.println("  uses Serai's " + jar));
        if (!found.equals(version)) {
            out.println("  the version is that of Serai's pom.xml, not Camel's " + version);
        }
        examples(own).forEach(syntax -> out.println("in a route: " + syntax));
        out.println("a node uses it after its next start; to remove it, delete " + folder);
    }

    /** The URIs of the components in a jar. */
    private static Set<String> examples(Path jar) throws IOException {
        Set<String> syntax = new TreeSet<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> entries = zip.stream()
                    .filter(entry -> DESCRIPTION.matcher(entry.getName()).matches())
                    .toList();
            for (ZipEntry entry : entries) {
                try (InputStream in = zip.getInputStream(entry)) {
                    JsonNode component = new JsonMapper().readTree(in).path("component");
                    if (component.hasNonNull("syntax")) {
                        syntax.add(component.path("syntax").asText());
                    }
                }
            }
        }
        return syntax;
    }

    private static JarName name(Path jar) {
        return JarName.of(String.valueOf(jar.getFileName()));
    }

    private static Set<String> jars(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CliException(
                    ExitCode.USAGE, folder + " is missing, which has the program's jars: build it, with ./serai");
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> file.endsWith(".jar"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> tree = Files.walk(folder)) {
                tree.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }
}
