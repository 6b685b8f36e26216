/** Encrypts bodies before they are stored, by keys that can be replaced. */
@NullMarked
package dev.serai.store.crypt;

import org.jspecify.annotations.NullMarked;
