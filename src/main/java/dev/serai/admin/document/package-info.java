/** The OpenAPI document of the admin port. */
@NullMarked
package dev.serai.admin.document;

import org.jspecify.annotations.NullMarked;
