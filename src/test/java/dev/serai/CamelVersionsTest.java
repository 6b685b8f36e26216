package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.ArchUnitException.ReflectionException;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Camel's modules on the class path fit together: all have the version {@code camel.version} of the pom but those listed here,
 * which are held back at {@code camel.held-back.version}, and none calls what the libraries beside it do not have.
 */
class CamelVersionsTest {
    private static final Set<String> HELD_BACK = Set.of(
            "camel-jq",
            "camel-json-validator",
            "camel-kamelet",
            "camel-micrometer",
            "camel-test-main-junit5",
            "camel-xml-io-dsl");

    private static final Pattern MODULE = Pattern.compile("(camel-[a-z0-9-]+?)-(\\d[\\w.-]*)\\.jar");

    /** Libraries whose version is set in the pom, or whose Camel module is held back, and Camel itself. */
    private static final Pattern CHECKED = Pattern.compile(
            "(org\\.apache\\.camel|io\\.netty|io\\.vertx|org\\.apache\\.kafka"
                    + "|com\\.fasterxml\\.jackson|io\\.micrometer|net\\.thisptr|com\\.networknt|org\\.apache\\.hc|com\\.zaxxer)\\.");

    /** Modules that Camel's own name and do without. */
    private static final Pattern OPTIONAL = Pattern.compile(
            "org\\.apache\\.camel\\.component\\.(cron|jackson\\.avro|jackson\\.protobuf)\\.|io\\.micrometer\\.jmx\\.");

    private final Map<String, String> versions = new TreeMap<>();
    private final List<JarFile> jars = new ArrayList<>();

    CamelVersionsTest() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            Matcher module = MODULE.matcher(jar.getFileName().toString());
            if (module.matches()) {
                versions.put(module.group(1), module.group(2));
                jars.add(new JarFile(jar.toFile()));
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

    /** What a class calls may be gone in another version, and would be missed only when it is called. */
    @Test
    void noModuleCallsWhatTheLibrariesBesideItDoNotHave() {
        assertThat(missing(jars)).isEmpty();
    }

    /** A newer interface may have methods that an older class does not know, which fails only when they are called. */
    @Test
    void noClassLacksAMethodOfItsInterfaces() {
        Set<String> missing = new TreeSet<>();
        for (JavaClass one : new ClassFileImporter().importJars(jars)) {
            if (one.isInterface() || one.getModifiers().contains(JavaModifier.ABSTRACT)) {
                continue;
            }
            try {
                for (Method method : one.reflect().getMethods()) {
                    if (Modifier.isAbstract(method.getModifiers())) {
                        missing.add(one.getName() + " lacks " + method);
                    }
                }
            } catch (ReflectionException e) {
                // A class for a newer Java, in a jar of several releases.
            } catch (NoClassDefFoundError e) {
                String gone = String.valueOf(e.getMessage()).replace('/', '.');
                if (isChecked(gone)) {
                    missing.add(one.getName() + " needs " + gone);
                }
            }
        }

        assertThat(missing).isEmpty();
    }

    private static Set<String> missing(Collection<JarFile> jars) {
        Set<String> missing = new TreeSet<>();
        for (JavaClass one : new ClassFileImporter().importJars(jars)) {
            for (JavaAccess<?> access : one.getAccessesFromSelf()) {
                if (isChecked(access.getTargetOwner().getName())
                        && !isOfObject(access)
                        && access.getTarget().resolveMember().isEmpty()) {
                    missing.add(one.getName() + " needs " + access.getTarget().getFullName());
                }
            }
        }
        return missing;
    }

    private static boolean isChecked(String type) {
        return CHECKED.matcher(type).lookingAt() && !OPTIONAL.matcher(type).lookingAt();
    }

    /** What every object has is not resolved where it is called on an interface. */
    private static boolean isOfObject(JavaAccess<?> access) {
        return access.getTargetOwner().isInterface()
                && Set.of("equals", "getClass", "hashCode", "toString").contains(access.getName());
    }

    private static String property(String name) throws Exception {
        Matcher value =
                Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<").matcher(Files.readString(Path.of("pom.xml")));
        assertThat(value.find()).as("the pom has the property %s", name).isTrue();
        return value.group(1);
    }
}
