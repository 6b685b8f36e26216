/** Makes spans with OpenTelemetry's SDK and exports them. Nothing of it is loaded unless traces are switched on. */
@NullMarked
package dev.serai.trace.otel;

import org.jspecify.annotations.NullMarked;
