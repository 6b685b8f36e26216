package dev.serai;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The package rules of docs/architecture.md. */
@AnalyzeClasses(locations = ArchitectureTest.Main.class)
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/serai");
    private static final int CLASSES_MAX = 25;
    private static final int LINES_MAX = 300;

    /** Where they are, so that not all of the class path is searched for them. */
    static final class Main implements LocationProvider {
        @Override
        public Set<Location> get(Class<?> testClass) {
            return Set.of(Location.of(Path.of("target/classes/dev/serai")));
        }
    }

    /** A slice for each package; patterns for packages, which ArchUnit has, take seconds. */
    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return javaClass.getPackageName().startsWith("dev.serai.")
                    ? SliceIdentifier.of(javaClass.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    }

    @ArchTest
    static final ArchRule noPackagesImportEachOtherInACircle =
            slices().assignedFrom(new EachPackage()).should().beFreeOfCycles();

    /** Each layer lists the packages that may import it; no other package may. */
    @ArchTest
    static final ArchRule eachPackageImportsOnlyWhatItMay = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.serai..")
            .layer("main")
            .definedBy("dev.serai")
            .layer("cli")
            .definedBy(
                    "dev.serai.cli",
                    "dev.serai.cli.client",
                    "dev.serai.cli.component",
                    "dev.serai.cli.text",
                    "dev.serai.cli.trial")
            .layer("cli.flow")
            .definedBy("dev.serai.cli.flow")
            .layer("node")
            .definedBy("dev.serai.node..")
            .layer("admin")
            .definedBy("dev.serai.admin")
            .layer("meter")
            .definedBy("dev.serai.admin.meter")
            .layer("console")
            .definedBy("dev.serai.admin.console")
            .layer("event")
            .definedBy("dev.serai.admin.event")
            .layer("access")
            .definedBy("dev.serai.access")
            .layer("ledger")
            .definedBy("dev.serai.ledger")
            .layer("model")
            .definedBy("dev.serai.ledger.model", "dev.serai.ledger.delivery")
            .layer("write")
            .definedBy("dev.serai.ledger.write")
            .layer("outcome")
            .definedBy("dev.serai.ledger.outcome")
            .layer("outlet")
            .definedBy("dev.serai.ledger.outlet")
            .layer("dispatch")
            .definedBy("dev.serai.ledger.dispatch")
            .layer("stuck")
            .definedBy("dev.serai.ledger.stuck")
            .layer("cluster")
            .definedBy("dev.serai.cluster")
            .layer("store")
            .definedBy("dev.serai.store..")
            .layer("signature")
            .definedBy("dev.serai.signature")
            .layer("platforms")
            .definedBy("dev.serai.signature.platform", "dev.serai.signature.handshake")
            .layer("camel.ledger")
            .definedBy("dev.serai.camel.ledger")
            .layer("camel.http")
            .definedBy("dev.serai.camel.http")
            .layer("camel.ingress")
            .definedBy("dev.serai.camel.ingress")
            .layer("camel.feed")
            .definedBy("dev.serai.camel.feed")
            .layer("camel.signature")
            .definedBy("dev.serai.camel.signature")
            .layer("pull")
            .definedBy("dev.serai.connector.pull")
            .layer("record")
            .definedBy("dev.serai.connector.record")
            .layer("http")
            .definedBy("dev.serai.connector.http..")
            .layer("tcp")
            .definedBy("dev.serai.connector.tcp")
            .layer("sql")
            .definedBy("dev.serai.connector.sql..")
            .layer("file")
            .definedBy("dev.serai.connector.file")
            .layer("kafka")
            .definedBy("dev.serai.connector.kafka")
            .layer("wechat")
            .definedBy("dev.serai.connector.wechat")
            .layer("alipay")
            .definedBy("dev.serai.connector.alipay")
            .layer("reconcile")
            .definedBy("dev.serai.reconcile")
            .layer("reconcile.bill")
            .definedBy("dev.serai.reconcile.bill")
            .layer("reconcile.desk")
            .definedBy("dev.serai.reconcile.desk")
            .layer("reconcile.readback")
            .definedBy("dev.serai.reconcile.readback")
            .layer("reconcile.follow")
            .definedBy("dev.serai.reconcile.follow")
            .layer("reconcile.source")
            .definedBy("dev.serai.reconcile.source")
            .layer("reconcile.state")
            .definedBy("dev.serai.reconcile.state")
            .layer("reconcile.book")
            .definedBy("dev.serai.reconcile.book")
            .layer("text")
            .definedBy("dev.serai.text")
            .layer("otel")
            .definedBy("dev.serai.trace.otel")
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayOnlyBeAccessedByLayers("main", "cli.flow")
            .whereLayer("cli.flow")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("node")
            .mayOnlyBeAccessedByLayers("cli", "cli.flow")
            .whereLayer("admin")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("console")
            .mayOnlyBeAccessedByLayers("admin", "node")
            .whereLayer("event")
            .mayOnlyBeAccessedByLayers("admin")
            .whereLayer("access")
            .mayOnlyBeAccessedByLayers("admin", "console", "node", "cli")
            .whereLayer("otel")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("write")
            .mayOnlyBeAccessedByLayers("ledger", "outcome", "dispatch", "stuck")
            .whereLayer("outcome")
            .mayOnlyBeAccessedByLayers("ledger", "outlet", "dispatch", "stuck")
            .whereLayer("stuck")
            .mayOnlyBeAccessedByLayers("dispatch")
            .whereLayer("outlet")
            .mayOnlyBeAccessedByLayers("ledger", "dispatch")
            .whereLayer("dispatch")
            .mayOnlyBeAccessedByLayers("ledger")
            .whereLayer("cluster")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("store")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("platforms")
            .mayOnlyBeAccessedByLayers("wechat", "alipay")
            .whereLayer("camel.ingress")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("camel.feed")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("camel.signature")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("pull")
            .mayOnlyBeAccessedByLayers(
                    "http",
                    "sql",
                    "file",
                    "kafka",
                    "tcp",
                    "wechat",
                    "alipay",
                    "record",
                    "reconcile",
                    "reconcile.bill",
                    "reconcile.readback",
                    "reconcile.source",
                    "reconcile.state")
            .whereLayer("record")
            .mayOnlyBeAccessedByLayers("http", "file")
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("reconcile.readback")
            .whereLayer("tcp")
            .mayOnlyBeAccessedByLayers("cli.flow")
            .whereLayer("sql")
            .mayOnlyBeAccessedByLayers("reconcile.readback")
            .whereLayer("reconcile")
            .mayOnlyBeAccessedByLayers("admin", "meter", "node", "reconcile.desk")
            .whereLayer("reconcile.desk")
            .mayOnlyBeAccessedByLayers("admin", "meter", "node")
            .whereLayer("reconcile.bill")
            .mayOnlyBeAccessedByLayers("reconcile", "reconcile.desk", "admin")
            .whereLayer("reconcile.readback")
            .mayOnlyBeAccessedByLayers("reconcile", "reconcile.bill", "reconcile.source", "meter")
            .whereLayer("reconcile.follow")
            .mayOnlyBeAccessedByLayers("reconcile")
            .whereLayer("reconcile.source")
            .mayOnlyBeAccessedByLayers("reconcile")
            .whereLayer("reconcile.state")
            .mayOnlyBeAccessedByLayers("reconcile", "reconcile.follow")
            .whereLayer("reconcile.book")
            .mayOnlyBeAccessedByLayers("reconcile", "reconcile.bill", "reconcile.desk", "reconcile.follow", "node")
            .whereLayer("file")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("kafka")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("wechat")
            .mayOnlyBeAccessedByLayers("reconcile.bill")
            .whereLayer("alipay")
            .mayOnlyBeAccessedByLayers("reconcile.bill");

    @ArchTest
    static final ArchRule theModelImportsOnlyJava = classes()
            .that()
            .resideInAPackage("dev.serai.ledger.model")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai.ledger.model",
                    "dev.serai.ledger.audit",
                    "dev.serai.ledger.history",
                    "dev.serai.ledger.time",
                    "java..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule theForecastIsMathematicsAlone = classes()
            .that()
            .resideInAPackage("dev.serai.forecast")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.serai.forecast", "java..", "org.ejml..", "org.jspecify..");

    @ArchTest
    static final ArchRule timeKnowsNothingButJava = classes()
            .that()
            .resideInAPackage("dev.serai.ledger.time")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.serai.ledger.time", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule theLedgerImportsNoOtherPackage = classes()
            .that()
            .resideInAPackage("dev.serai.ledger..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai.ledger..",
                    "dev.serai.forecast",
                    "dev.serai.task",
                    "java..",
                    "org.slf4j",
                    "org.jspecify..",
                    "io.github.resilience4j..");

    @ArchTest
    static final ArchRule signaturesImportOnlyJavaAndJson = classes()
            .that()
            .resideInAPackage("dev.serai.signature..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai.signature..",
                    "dev.serai.text",
                    "java..",
                    "javax.crypto..",
                    "javax.xml.stream..",
                    "com.fasterxml.jackson..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule theStoreImportsOnlyTheModel = classes()
            .that()
            .resideInAPackage("dev.serai.store..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai.store..",
                    "dev.serai.ledger.model",
                    "dev.serai.ledger.audit",
                    "dev.serai.ledger.history",
                    "dev.serai.ledger.cause",
                    "dev.serai.ledger.cluster",
                    "dev.serai.ledger.time",
                    "dev.serai.task",
                    "dev.serai.text",
                    "dev.serai.files",
                    "java..",
                    "javax.crypto..",
                    "javax.sql..",
                    "org.sqlite..",
                    "org.slf4j",
                    "org.jspecify..");

    /** It is loaded only if traces are on. */
    @ArchTest
    static final ArchRule onlyOnePackageImportsOpenTelemetry = noClasses()
            .that()
            .resideOutsideOfPackage("dev.serai.trace.otel")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule onlyTheStoreImportsSql = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.serai.store..",
                    "dev.serai.connector.sql..",
                    "dev.serai.ledger.cluster",
                    "dev.serai.reconcile.book") // of ledger, targets, the tables beside the ledger, books
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..");

    /** An executor ends a task without a word when it throws once. */
    @ArchTest
    static final ArchRule whatIsDoneAgainAndAgainSurvivesAFailure = noClasses()
            .that()
            .doNotHaveSimpleName("RepeatedTask")
            .should()
            .callMethodWhere(target(nameMatching("scheduleWithFixedDelay|scheduleAtFixedRate")));

    @ArchTest
    static void noTwoClassesShareASimpleName(JavaClasses classes) {
        Map<String, TreeSet<String>> byName = new TreeMap<>();
        for (JavaClass one : classes) {
            if (!one.isAnonymousClass()
                    && !one.getSimpleName().isEmpty()
                    && !one.getSimpleName().equals("package-info")) {
                byName.computeIfAbsent(one.getSimpleName(), name -> new TreeSet<>())
                        .add(one.getName());
            }
        }
        assertThat(byName.values()).allSatisfy(names -> assertThat(names).hasSize(1));
    }

    @ArchTest
    static void everyPackageIsDescribedAndNotTooLarge(JavaClasses classes) throws IOException {
        for (Path folder : folders()) {
            try (Stream<Path> files = Files.list(folder)) {
                List<String> names = files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".java"))
                        .toList();
                if (!names.isEmpty()) {
                    assertThat(names).as("%s", folder).contains("package-info.java");
                    assertThat(names).as("%s", folder).hasSizeLessThanOrEqualTo(CLASSES_MAX + 1);
                }
            }
        }
    }

    @ArchTest
    static void noClassIsTooLong(JavaClasses classes) throws IOException {
        for (Path folder : folders()) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(Files.readAllLines(file)).as("%s", file).hasSizeLessThanOrEqualTo(LINES_MAX);
                }
            }
        }
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.walk(SOURCES)) {
            return all.filter(Files::isDirectory).toList();
        }
    }
}
