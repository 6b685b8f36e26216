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

    private final boolean isTrial;

    /** @param isTrial whether the routes are run with nothing sent, so that no part of them needs what it sends with */
    public CheckOnly(boolean isTrial) {
        this.isTrial = isTrial;
    }

    public static boolean isIn(@Nullable CamelContext context) {
        return of(context) != null;
    }

    public static boolean isTrialIn(@Nullable CamelContext context) {
        CheckOnly marker = of(context);
        return marker != null && marker.isTrial;
    }

    private static @Nullable CheckOnly of(@Nullable CamelContext context) {
        return context == null ? null : context.getRegistry().lookupByNameAndType(NAME, CheckOnly.class);
    }
}
