package dev.serai.reconcile.book;

import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.Unsettled;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was read of a log.
 *
 * @param upTo by shard: the last change that was read
 * @param newest for each key the last change that says something of it; numbers of keys are ignored
 * @param unsettled what was not settled, in the order of the log
 * @param versions of keys of which a change was accepted, in the order of the log; null of one without a version. Only the book of
 *     a source is given them
 */
public record LogPart(
        Map<Integer, Followed> upTo,
        Collection<Given> newest,
        List<Unsettled> unsettled,
        List<Map.Entry<String, @Nullable String>> versions) {}
