package dev.serai.reconcile.book;

import dev.serai.ledger.cluster.SideTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where books are: in the database of the ledger, if nodes can share that, so that the next node that is to keep a book finds it; else in
 * a folder of the node.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class BookPlace {
    private static final Logger LOG = LoggerFactory.getLogger(BookPlace.class);
    private static final String BILLS = ".bills";

    private final Path folder;
    private final @Nullable SideTables shared;

    /** @param shared the database of the ledger; null for the folder */
    public BookPlace(Path folder, @Nullable SideTables shared) {
        this.folder = folder;
        this.shared = shared;
    }

    /** Opens the tables of a book. One that is new where nodes share it is copied from this node's folder, if that has it. */
    BookTables open(String name, String tables) {
        SideTables side = shared;
        if (side == null) {
            return new BookTables(BookFile.open(folder, name, tables));
        }
        BookTables opened = new BookTables(SharedBook.open(side, name, tables));
        if (BookFile.in(folder).contains(name)) {
            BookMove move = new BookMove(tables);
            try (BookTables file = new BookTables(BookFile.open(folder, name, tables))) {
                if (move.isNew(opened)) {
                    move.copy(file, opened);
                    LOG.info("The book {} is copied from {} to the ledger's database", name, folder);
                }
            } catch (BookException e) {
                opened.close();
                throw e;
            }
        }
        return opened;
    }

    BookTables openBills(String name, String tables) {
        return open(name + BILLS, tables);
    }

    /** Deletes a book that nobody has open, if it is there. */
    public void delete(String name) {
        BookFile.delete(folder, name);
        SideTables side = shared;
        if (side != null) {
            SharedBook.delete(side, name);
        }
    }

    /** Deletes the books of these flows, which nobody may have open, but not those of bills; returns the names of those that it has deleted. */
    public List<String> deleteOf(Set<String> flows) {
        List<String> deleted = new ArrayList<>();
        if (flows.isEmpty()) {
            return deleted;
        }
        SideTables side = shared;
        for (String name : side == null ? BookFile.in(folder) : SharedBook.in(side)) {
            if (!name.endsWith(BILLS) && flows.contains(flowOf(name))) {
                delete(name);
                deleted.add(name);
            }
        }
        return deleted;
    }

    private String flowOf(String name) {
        try (BookTables book = open(name, BookSchema.BOOK)) {
            String flow = book.meta(Book.FLOW);
            return flow == null ? "" : flow;
        }
    }
}
