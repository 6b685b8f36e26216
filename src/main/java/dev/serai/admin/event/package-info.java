/** The stream of events of the admin API: what pages that stay open are told as it happens. */
@NullMarked
package dev.serai.admin.event;

import org.jspecify.annotations.NullMarked;
