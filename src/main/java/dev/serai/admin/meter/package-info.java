/** The meters of the node itself; those of flows and sources are one package above. */
@NullMarked
package dev.serai.admin.meter;

import org.jspecify.annotations.NullMarked;
