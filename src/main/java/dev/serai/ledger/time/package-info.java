/** What time it is for a ledger, whatever happens to the machine's clock. Knows nothing but Java. */
@NullMarked
package dev.serai.ledger.time;

import org.jspecify.annotations.NullMarked;
