/**
 * The mathematics of what will become of the changes that wait: the regimes of a target, the absorbing chain of a change, and the
 * score of what was foretold. It has no thread and no clock, and imports the JDK and EJML alone. See docs/forecast.md.
 */
@NullMarked
package dev.serai.forecast;

import org.jspecify.annotations.NullMarked;
