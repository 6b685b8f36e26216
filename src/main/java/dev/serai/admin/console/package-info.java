/** The console on the admin port: its files, the sessions of those who logged in, and what requests of browsers must fulfil. */
@NullMarked
package dev.serai.admin.console;

import org.jspecify.annotations.NullMarked;
