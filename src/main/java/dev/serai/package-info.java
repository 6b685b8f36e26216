/** The entry point of the program. It imports {@code cli} only. */
@org.jspecify.annotations.NullMarked
package dev.serai;
