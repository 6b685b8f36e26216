/**
 * What is learned about a source that is pushed to: its rhythm, and the share of changes that it did not push. It imports only
 * Java.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.rhythm;
