package dev.serai.text;

import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.module.loaders.BuiltinModuleLoader;

/**
 * jq's own functions for the expressions in routes. Camel would read them itself; here a second thread can do so while the
 * start goes on.
 *
 * <p>Threads: safe.
 */
public final class JqFunctions {
    /** The version that Camel compiles expressions for. */
    private static final Scope SCOPE = Scope.newEmptyScope();

    static {
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_7, SCOPE);
    }

    private JqFunctions() {}

    /** Reads them now. */
    public static void load() {
        newScope();
    }

    /** To which further functions can be added. */
    public static Scope newScope() {
        Scope scope = Scope.newChildScope(SCOPE);
        scope.setModuleLoader(BuiltinModuleLoader.getInstance());
        return scope;
    }
}
