package dev.serai;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code run} and {@code check} were told on the command line.
 *
 * @param routes globs of route files; none for the default, which is the sandbox as well
 * @param kamelets the folder with the Kamelets
 * @param config the properties file
 * @param data the folder for the ledger and the admin token, or null for what the properties say
 * @param properties by name; they beat the environment, which beats the file
 */
record RunOptions(
        List<String> routes,
        Path kamelets,
        Path config,
        @Nullable Path data,
        Map<String, String> properties) {}
