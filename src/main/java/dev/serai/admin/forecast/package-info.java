/** What the admin API answers about history and forecasts: one node knows it for all that share the ledger. */
@NullMarked
package dev.serai.admin.forecast;

import org.jspecify.annotations.NullMarked;
