/** How the command line writes tables, ages and states for a terminal. It imports nothing of {@code cli}. */
@org.jspecify.annotations.NullMarked
package dev.serai.cli.text;
