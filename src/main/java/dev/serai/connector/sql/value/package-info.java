/** The values of columns, as each database takes them. */
@NullMarked
package dev.serai.connector.sql.value;

import org.jspecify.annotations.NullMarked;
