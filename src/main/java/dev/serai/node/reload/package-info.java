/**
 * Hot reload: replaces running routes when route files or Kamelets change. It imports {@code node} and
 * {@code camel.http}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.node.reload;
