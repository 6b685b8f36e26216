package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.ClassPathIndex.ClassFile;
import dev.serai.support.ClassPathIndex.Use;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClassPathIndexTest {
    private static final String RUN = "run ()V";

    private final ClassPathIndex index = new ClassPathIndex();

    private static ClassFile classOf(String parent, Set<String> members) {
        return new ClassFile("dev/serai/Made", 0, List.of("java/lang/Object", parent), members, Set.of());
    }

    @Test
    void aMemberIsFoundInTheClassItsParentsAndItsInterfacesOnly() {
        assertThat(index.has(new Use("java/util/ArrayList", "ensureCapacity (I)V")))
                .isTrue();
        assertThat(index.has(new Use("java/util/ArrayList", "modCount I"))).isTrue();
        assertThat(index.has(new Use("java/util/ArrayList", "stream ()Ljava/util/stream/Stream;")))
                .isTrue();

        assertThat(index.has(new Use("java/util/ArrayList", "ensureCapacity (J)V")))
                .isFalse();
        assertThat(index.has(new Use("java/util/Gone", "ensureCapacity (I)V"))).isFalse();
    }

    @Test
    void anAbstractMethodThatNobodyImplementsIsLacking() {
        assertThat(index.lacks(classOf("java/lang/Runnable", Set.of()))).containsExactly(RUN);
        assertThat(index.lacks(classOf("java/lang/Runnable", Set.of(RUN)))).isEmpty();
        assertThat(index.lacks(classOf("java/lang/Thread", Set.of()))).isEmpty();
    }

    @Test
    void aParentThatIsNotThereIsNamed() {
        assertThat(index.missingParents(classOf("java/lang/Thread", Set.of()))).isEmpty();
        assertThat(index.missingParents(classOf("java/lang/Gone", Set.of()))).containsExactly("java/lang/Gone");
    }

    @Test
    void whatAClassRefersToIsRead() throws IOException {
        try (InputStream bytes = ClassPathIndexTest.class.getResourceAsStream("ClassPathIndexTest.class")) {
            assertThat(ClassPathIndex.uses(bytes.readAllBytes()))
                    .contains(
                            new Use("dev/serai/support/ClassPathIndex", "<init> ()V"),
                            new Use(
                                    "dev/serai/support/ClassPathIndexTest",
                                    "index Ldev/serai/support/ClassPathIndex;"));
        }
    }
}
