package dev.serai.reconcile.readback;

import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Makes what reads a target back, from the blocks of a reconcile file. */
public final class ReadBacks {
    /** The parameters of a {@code sql} block. */
    public static final Set<String> SQL_NAMES = Set.of("dataSource", "table", "keyColumn");

    private ReadBacks() {}

    /** The parameters of the blocks {@code page} and {@code read}. */
    public static Set<String> httpNames() {
        return HttpBlock.names();
    }

    /**
     * Nothing is asked yet.
     *
     * @throws IllegalArgumentException with what to do, if a parameter of the block is wrong
     */
    public static ReadBack http(
            CamelContext context, @Nullable Map<String, String> page, @Nullable Map<String, String> read) {
        return new HttpReadBack(context, page, read);
    }

    /** As {@link #http}. */
    public static ReadBack sql(CamelContext context, Map<String, String> block) {
        return new SqlTableReadBack(context, block);
    }
}
