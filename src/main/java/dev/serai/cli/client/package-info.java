/** What commands share that ask a running node: their options, the HTTP client of the admin API, exit codes. */
@NullMarked
package dev.serai.cli.client;

import org.jspecify.annotations.NullMarked;
