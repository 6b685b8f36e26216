/** What the answers of HTTP targets mean. */
@NullMarked
package dev.serai.connector.http.answer;

import org.jspecify.annotations.NullMarked;
