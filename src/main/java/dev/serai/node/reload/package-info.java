/**
 * Puts changed route files and Kamelets in the place of running ones. It imports the node; only the command line
 * imports it.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.node.reload;
