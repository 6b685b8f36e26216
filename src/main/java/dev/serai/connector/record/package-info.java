/** Records in lines and in CSV, for connectors that read files or answers. It imports {@code connector.pull} and {@code text}. */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.record;
