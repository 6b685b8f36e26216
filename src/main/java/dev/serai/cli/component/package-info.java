/** The command that brings Camel's components into {@code components/}: {@code add}. */
@org.jspecify.annotations.NullMarked
package dev.serai.cli.component;
