package dev.serai.ledger;

import dev.serai.ledger.model.Store;

class MemoryDuplicatesTest extends DuplicatesContract {
    @Override
    protected Store open() {
        return new MemoryStore();
    }

    @Override
    protected Store openAgain(Store store) {
        store.reopen();
        return store;
    }
}
