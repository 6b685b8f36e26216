/**
 * Text from and for the outside: log lines, headers, JSON mappers, certificates in files. It imports Jackson and the
 * JDK.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.text;
