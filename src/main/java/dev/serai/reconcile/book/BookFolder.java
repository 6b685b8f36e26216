package dev.serai.reconcile.book;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The folder with the books of a node.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class BookFolder {
    private BookFolder() {}

    /** Deletes the books of these flows, which nobody may have open; returns those that it has deleted. */
    public static List<Path> deleteOf(Set<String> flows, Path folder) {
        List<Path> deleted = new ArrayList<>();
        for (Path path : flows.isEmpty() ? List.<Path>of() : BookFile.in(folder)) {
            String flow;
            try (BookFile file = new BookFile(path, BookFile.BOOK)) {
                flow = file.meta(Book.FLOW);
            }
            if (flow != null && flows.contains(flow)) {
                delete(path);
                deleted.add(path);
            }
        }
        return deleted;
    }

    /** Deletes a book that nobody has open, if it is there. */
    public static void delete(Path path) {
        BookFile.delete(path);
    }
}
