/** Access tokens of HTTP sources and targets: fetched, kept in the ledger, shared by all flows of an app, and renewed. */
@NullMarked
package dev.serai.connector.http.token;

import org.jspecify.annotations.NullMarked;
