package dev.serai.store;

/** What a hash stands for in the id index; the number is stored. */
enum Kind {
    ID(0),
    KEY(1);

    private final int number;

    Kind(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
