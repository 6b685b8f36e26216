/** Who may use the admin port: callers, their roles, and named tokens. It imports {@code files}, the ports to the ledger's
 * database and the JDK. */
@NullMarked
package dev.serai.access;

import org.jspecify.annotations.NullMarked;
