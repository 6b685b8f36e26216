package dev.serai.reconcile.book;

import dev.serai.reconcile.book.Book.NumberedKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random keys of a book, each as likely as any other. */
public final class KeySample {
    private static final int KEYS_AT_ONCE = 10_000;

    private KeySample() {}

    /** So many of them, or all if there are fewer. */
    public static List<String> of(Book book, int size, RandomGenerator random) {
        BitSet chosen = numbers(Math.toIntExact(book.idEnd()), size, random);
        List<String> keys = new ArrayList<>();
        List<NumberedKey> page = book.keys("", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            for (NumberedKey one : page) {
                if (chosen.get(Math.toIntExact(one.id()))) {
                    keys.add(one.key());
                }
            }
            page = book.keys(page.get(page.size() - 1).key(), KEYS_AT_ONCE);
        }
        return keys;
    }

    /** Floyd's sample without replacement: each set of so many numbers below the end is as likely as any other. */
    private static BitSet numbers(int end, int size, RandomGenerator random) {
        BitSet chosen = new BitSet(end);
        for (int last = Math.max(0, end - size); last < end; last++) {
            int one = random.nextInt(last + 1);
            chosen.set(chosen.get(one) ? last : one);
        }
        return chosen;
    }
}
