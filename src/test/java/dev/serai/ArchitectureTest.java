package dev.serai;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The packages' rules, as docs/architecture.md says them. */
@AnalyzeClasses(packages = "dev.serai", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule theLedgerKnowsNothingButJava = classes()
            .that()
            .resideInAPackage("dev.serai.ledger")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.serai.ledger", "java..", "org.slf4j", "org.jspecify..");

    @ArchTest
    static final ArchRule signaturesKnowNothingButJavaAndJson = classes()
            .that()
            .resideInAPackage("dev.serai.signature")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai.signature",
                    "java..",
                    "javax.crypto..",
                    "javax.xml.stream..",
                    "com.fasterxml.jackson..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule onlyTheStoreKnowsSql = noClasses()
            .that()
            .resideOutsideOfPackage("dev.serai.store")
            .and()
            .doNotHaveSimpleName("SqlFailure") // reads the codes of targets, and runs no statement
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule theStoreKnowsOnlyTheLedger = noClasses()
            .that()
            .resideInAPackage("dev.serai.store")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.serai", "dev.serai.camel", "dev.serai.console", "dev.serai.signature", "org.apache.camel..");

    @ArchTest
    static final ArchRule theConsoleKnowsOnlyTheLedger = noClasses()
            .that()
            .resideInAPackage("dev.serai.console")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.serai", "dev.serai.camel", "dev.serai.store", "dev.serai.signature");

    @ArchTest
    static final ArchRule theComponentsKnowOnlyTheLedgerAndSignatures = noClasses()
            .that()
            .resideInAPackage("dev.serai.camel")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.serai", "dev.serai.console", "dev.serai.store");
}
