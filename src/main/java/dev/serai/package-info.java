/** The entry point of the program. It imports the command line alone. */
@org.jspecify.annotations.NullMarked
package dev.serai;
