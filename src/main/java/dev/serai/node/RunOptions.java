package dev.serai.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command-line options of {@code run} and {@code check}; options that are not set have their defaults.
 *
 * <p>Relative paths are as seen from where the command was called; those that stay relative mean this process' working
 * directory.
 *
 * @param routes globs of route files; when empty, the default and, if it is on, the sandbox
 * @param kamelets folders looked up before the ones that come with Serai; when empty, the default
 * @param config the properties file; a given one must exist
 * @param data the folder of ledger and token
 * @param properties beat environment and file
 */
public record RunOptions(
        List<String> routes,
        List<Path> kamelets,
        @Nullable Path config,
        @Nullable Path data,
        Map<String, String> properties) {}
