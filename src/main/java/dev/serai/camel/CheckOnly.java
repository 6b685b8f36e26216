package dev.serai.camel;

import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Marks a context whose routes are checked but not run. Camel starts the parts of a route even then, so a part that would
 * touch something outside this process, a database or a folder, asks here first.
 */
public final class CheckOnly {
    /** The marker's name in the registry. */
    public static final String NAME = "checkOnly";

    public static boolean isIn(@Nullable CamelContext context) {
        return context != null && context.getRegistry().lookupByNameAndType(NAME, CheckOnly.class) != null;
    }
}
