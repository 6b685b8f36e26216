/** Reads HTTP APIs page by page or item by item. Imports connector.pull and the clients' set-up in connector.http. */
@NullMarked
package dev.serai.connector.http.pull;

import org.jspecify.annotations.NullMarked;
