package dev.serai.node.mistake;

import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;

/** The files that a node reads its routes from; in the registry of its context, also if none of them can be read. */
public record LoadedFiles(List<Path> files) {
    /** The name in the registry. */
    public static final String NAME = "routeFiles";

    /** None if the context is of no node. */
    public static List<Path> of(CamelContext context) {
        LoadedFiles loaded = context.getRegistry().lookupByNameAndType(NAME, LoadedFiles.class);
        return loaded == null ? List.of() : loaded.files();
    }
}
