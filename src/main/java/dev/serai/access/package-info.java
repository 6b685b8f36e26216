/** Who may use the admin port: callers, their roles, and the file of named tokens. It imports {@code files} and the JDK. */
@NullMarked
package dev.serai.access;

import org.jspecify.annotations.NullMarked;
