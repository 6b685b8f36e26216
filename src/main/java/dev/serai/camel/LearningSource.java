package dev.serai.camel;

import dev.serai.rhythm.SourceMemory;
import org.jspecify.annotations.Nullable;

/**
 * A source that learns at which times changes come to it.
 *
 * <p>Threads: safe.
 */
public interface LearningSource {

    /** From now on it goes on learning from what was learned before; null for a source that is not to learn, and never silent. */
    void remember(@Nullable SourceMemory known);

    /** It takes nothing at the moment, so that no change is missed. */
    void begin();
}
