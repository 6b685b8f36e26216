package dev.serai.cli.client;

import java.util.AbstractList;
import java.util.List;

/**
 * Which names a shell completes an argument with. Each list has one mark in place of names: the printed script replaces it by a call
 * that looks into the route files when a word is completed.
 */
public final class NameCandidates {
    /** The kinds of names, as the function {@code _serai_names} of the script knows them. */
    public static final List<String> KINDS = List.of("flows", "targets", "flow-targets", "routes");

    private NameCandidates() {}

    /** What stands for the names of a kind. */
    public static String mark(String kind) {
        return "@" + kind + "@";
    }

    private abstract static class Marked extends AbstractList<String> {
        private final String kind;

        Marked(String kind) {
            this.kind = kind;
        }

        @Override
        public String get(int index) {
            return mark(kind);
        }

        @Override
        public int size() {
            return 1;
        }
    }

    /** Names of flows. */
    public static final class Flows extends Marked {
        Flows() {
            super("flows");
        }
    }

    /** Names of targets. */
    public static final class Targets extends Marked {
        Targets() {
            super("targets");
        }
    }

    /** Targets as {@code FLOW/TARGET}. */
    public static final class FlowTargets extends Marked {
        FlowTargets() {
            super("flow-targets");
        }
    }

    /** What {@code try} takes: flows, targets as {@code FLOW/TARGET}, and ids of routes. */
    public static final class Routes extends Marked {
        Routes() {
            super("routes");
        }
    }
}
