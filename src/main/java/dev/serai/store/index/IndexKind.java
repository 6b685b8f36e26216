package dev.serai.store.index;

/** What a hash stands for in the id index; the number is stored. */
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
