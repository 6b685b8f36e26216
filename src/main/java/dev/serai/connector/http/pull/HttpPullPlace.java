package dev.serai.connector.http.pull;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where a run of {@code http-pull-source} reads.
 *
 * @param asked the value that stands for {@code {cursor}}
 * @param number of the page, from the first one on that was asked for with this value
 * @param pass how often the pages are read from the first one on, from 0
 */
record HttpPullPlace(URI at, @Nullable String asked, int number, int pass) {}
