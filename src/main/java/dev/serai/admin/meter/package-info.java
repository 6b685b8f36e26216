/** The meters of the node itself and of its sources; those of flows are one package above. */
@NullMarked
package dev.serai.admin.meter;

import org.jspecify.annotations.NullMarked;
