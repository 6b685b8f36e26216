package dev.serai.camel;

import java.util.Locale;

/** What operators read about a source, the worst first. */
public enum SourceState {
    /** It has not read all that it should since its last failure. */
    FAILING,
    /** A run was due and did not begin, or no push came for far longer than is usual at this hour. */
    SILENT,
    /** Its route does not run. */
    STOPPED,
    /** Nothing is known yet: no run has ended since the route started. */
    STARTING,
    OK;

    /** The word for people, the same in the API, the metrics and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
