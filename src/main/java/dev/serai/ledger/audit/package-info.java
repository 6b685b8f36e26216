/** What was done to the node and by whom: the entries of the audit. It imports the JDK alone. */
@NullMarked
package dev.serai.ledger.audit;

import org.jspecify.annotations.NullMarked;
