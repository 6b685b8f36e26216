package dev.serai.store.index;

/** What an entry of the id index is a hash of; the number is stored. */
enum IndexKind {
    ID(0),
    KEY(1);

    private final int number;

    IndexKind(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
