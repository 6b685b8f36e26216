/**
 * Reads and writes text: log lines, headers, JSON, fields of YAML, certificate files. It imports Jackson, a parser of YAML and
 * the JDK.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.text;
