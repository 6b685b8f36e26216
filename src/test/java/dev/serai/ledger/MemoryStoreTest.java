package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
    private final MemoryStore memory = new MemoryStore();

    @Override
    protected Store open() {
        return memory;
    }

    @Test
    void aCommitMadeToFailBeforeItsEffectLeavesNothing() {
        memory.failCommit(2, false);
        insert("1", "k");

        assertThatThrownBy(() -> insert("2", "k")).isInstanceOf(StoreException.class);
        assertThatThrownBy(memory::begin).isInstanceOf(StoreException.class);
        memory.reopen();
        assertThat(find("orders", "2")).isEmpty();
    }

    @Test
    void aCommitMadeToFailAfterItsEffectIsThere() {
        memory.failCommit(1, true);

        assertThatThrownBy(() -> insert("1", "k")).isInstanceOf(StoreException.class);
        memory.reopen();
        assertThat(find("orders", "1")).hasValue(1);
        insert("2", "k");
    }
}
