/** Files and folders that only their owner may read. */
@NullMarked
package dev.serai.files;

import org.jspecify.annotations.NullMarked;
