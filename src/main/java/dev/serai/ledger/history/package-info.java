/** What happened in each minute and hour: how many changes came, were delivered and failed, and what waited. It imports the audit and the JDK alone. */
@NullMarked
package dev.serai.ledger.history;

import org.jspecify.annotations.NullMarked;
