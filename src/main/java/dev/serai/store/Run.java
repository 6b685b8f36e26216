package dev.serai.store;

/** A stored, sorted and finished part of the id index: the ids and keys of a range of sequences. */
record Run(int number, long fromSequence, long toSequence, boolean swept, Bloom bloom) {

    Run asSwept() {
        return new Run(number, fromSequence, toSequence, true, bloom);
    }
}
