package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.ClassPathIndex;
import dev.serai.support.ClassPathIndex.ClassFile;
import dev.serai.support.ClassPathIndex.Use;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/**
 * Camel's modules on the class path fit together: all have the version {@code camel.version} of the pom, except those listed
 * here, which are held back at {@code camel.held-back.version}. None calls a class or method that its libraries lack.
 */
class CamelVersionsTest {
    private static final Set<String> HELD_BACK = Set.of(
            "camel-hashicorp-vault",
            "camel-jq",
            "camel-json-validator",
            "camel-kamelet",
            "camel-micrometer",
            "camel-test-main-junit5",
            "camel-xml-io-dsl");

    private static final Pattern MODULE = Pattern.compile("(camel-[a-z0-9-]+?)-(\\d[\\w.-]*)\\.jar");

    /** Libraries whose version is set in the pom, or whose Camel module is held back, and Camel itself. */
    private static final Pattern CHECKED = Pattern.compile("(org/apache/camel|io/netty|io/vertx|org/apache/kafka"
            + "|com/fasterxml/jackson|io/micrometer|net/thisptr|com/networknt|org/apache/hc|com/zaxxer)/");

    /** Modules that Camel's own name and do without. */
    private static final Pattern OPTIONAL =
            Pattern.compile("org/apache/camel/component/(cron|jackson/avro|jackson/protobuf)/|io/micrometer/jmx/");

    private static final int CLASSES_MIN = 1_000;

    private final ClassPathIndex index = new ClassPathIndex();
    private final Map<String, String> versions = new TreeMap<>();
    private final List<JarFile> jars = new ArrayList<>();

    CamelVersionsTest() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            Matcher module = MODULE.matcher(jar.getFileName().toString());
            if (module.matches()) {
                versions.put(module.group(1), module.group(2));
                jars.add(new JarFile(jar.toFile(), true, ZipFile.OPEN_READ, Runtime.version()));
            }
        }
    }

    @Test
    void onlyTheModulesThatAreListedAreHeldBack() throws Exception {
        String camel = property("camel.version");
        Map<String, String> others = new TreeMap<>(versions);
        others.values().removeIf(camel::equals);

        assertThat(versions).containsKeys("camel-core", "camel-main", "camel-netty", "camel-http");
        assertThat(others).containsOnlyKeys(HELD_BACK);
        assertThat(others.values()).containsOnly(property("camel.held-back.version"));
    }

    @Test
    void heldBackModulesAreOfTheSameMajorVersionAndOlder() throws Exception {
        String camel = property("camel.version");
        String heldBack = property("camel.held-back.version");

        assertThat(heldBack.split("\\.")[0]).isEqualTo(camel.split("\\.")[0]);
        assertThat(Version.parse(heldBack)).isLessThan(Version.parse(camel));
    }

    /** A method that a class calls may be missing in another version, which fails only when it is called. */
    @Test
    void noModuleCallsWhatTheLibrariesBesideItDoNotHave() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (byte[] bytes : classes()) {
            for (Use use : ClassPathIndex.uses(bytes)) {
                if (isChecked(use.owner()) && !index.has(use)) {
                    missing.add(ClassPathIndex.read(bytes).name() + " needs " + use);
                }
            }
        }

        assertThat(missing).isEmpty();
    }

    /** A newer interface may have methods that an older class does not know, which fails only when they are called. */
    @Test
    void noClassLacksAMethodOfItsInterfaces() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (byte[] bytes : classes()) {
            ClassFile one = ClassPathIndex.read(bytes);
            Set<String> gone = index.missingParents(one);
            gone.stream()
                    .filter(CamelVersionsTest::isChecked)
                    .forEach(parent -> missing.add(one.name() + " needs " + parent));
            if (one.isConcrete() && gone.isEmpty()) {
                index.lacks(one).forEach(method -> missing.add(one.name() + " lacks " + method));
            }
        }

        assertThat(missing).isEmpty();
    }

    /** All classes of Camel's modules, of a jar of several releases those for this Java. */
    private List<byte[]> classes() throws IOException {
        List<byte[]> classes = new ArrayList<>();
        for (JarFile jar : jars) {
            for (JarEntry entry : jar.versionedStream().toList()) {
                if (entry.getName().endsWith(".class")) {
                    classes.add(jar.getInputStream(entry).readAllBytes());
                }
            }
        }
        assertThat(classes).hasSizeGreaterThan(CLASSES_MIN);
        return classes;
    }

    private static boolean isChecked(String type) {
        return CHECKED.matcher(type).lookingAt() && !OPTIONAL.matcher(type).lookingAt();
    }

    private static String property(String name) throws Exception {
        Matcher value =
                Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<").matcher(Files.readString(Path.of("pom.xml")));
        assertThat(value.find()).as("the pom has the property %s", name).isTrue();
        return value.group(1);
    }
}
