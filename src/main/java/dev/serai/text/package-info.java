/**
 * Reads and writes text: log lines, headers, JSON, certificate files. It imports Jackson and the JDK.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.text;
