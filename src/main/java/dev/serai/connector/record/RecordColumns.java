package dev.serai.connector.record;

import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The columns of a CSV file.
 *
 * @param names in their order
 * @param width how many cells a record may have; those behind the names must be empty
 */
public record RecordColumns(List<String> names, int width) {
    public static final RecordColumns NONE = new RecordColumns(List.of(), 0);

    /** The columns that a first line names. Empty cells at its end, as spreadsheets write them, name none. */
    public static RecordColumns of(RecordReader.Raw first) throws PullException {
        if (first.broken() != null) {
            throw new PullException("the first line cannot name the columns: " + first.broken());
        }
        return of(first.cells());
    }

    public static RecordColumns of(List<String> cells) throws PullException {
        int count = cells.size();
        while (count > 1 && cells.get(count - 1).isBlank()) {
            count--;
        }
        List<String> names = List.copyOf(cells.subList(0, count));
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isBlank() || !seen.add(name)) {
                throw new PullException("the first line must give each column a unique name: column "
                        + (seen.size() + 1) + " is \"" + LogText.of(name) + "\"");
            }
            if (name.indexOf('\0') >= 0) {
                throw new PullException("a column name has a NUL character; is the file UTF-16? Then set charset");
            }
        }
        return new RecordColumns(names, cells.size());
    }
}
