package dev.serai.camel;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the loaded routes do for a flow, and what they guarantee. A Camel context has it in its registry. */
@FunctionalInterface
public interface FlowRoutes {

    /** As it is now; may change with each hot reload. */
    FlowUse of(String flow);

    /** For each flow a digest of the files of its routes; the same as long as the same routes are loaded. */
    default Map<String, String> digests() {
        return Map.of();
    }

    /** The flows that say {@code digests: false}, and where: file and line as far as they are known. */
    default Map<String, String> withoutDigests() {
        return Map.of();
    }

    /**
     * The routes of a flow.
     *
     * @param table what {@code serai check} prints about the flow
     */
    record FlowUse(List<UsedRoute> routes, List<TargetGuarantee> guarantees, List<String> table) {
        public static final FlowUse NONE = new FlowUse(List.of(), List.of(), List.of());
    }

    /**
     * A route of a user's file.
     *
     * @param file as it was named at the start; null, like the line, if it is not known
     * @param role source if changes come in by it, target if it delivers them, other if one of these calls it
     * @param target that it delivers to; null unless it is a target
     */
    record UsedRoute(
            String id,
            @Nullable String file,
            @Nullable Integer line,
            String role,
            @Nullable String target) {}

    /**
     * What is guaranteed for a target, in the words of {@code serai check}.
     *
     * @param source where its changes come from
     * @param notes what else is said of it, each with its label
     */
    record TargetGuarantee(String target, String source, String order, String delivery, List<String> notes) {}
}
