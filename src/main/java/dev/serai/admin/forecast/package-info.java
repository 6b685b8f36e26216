/** What the admin API answers about the forecasts of targets. */
@NullMarked
package dev.serai.admin.forecast;

import org.jspecify.annotations.NullMarked;
