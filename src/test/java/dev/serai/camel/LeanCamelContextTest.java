package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import org.apache.camel.spi.ClassResolver;
import org.junit.jupiter.api.Test;

class LeanCamelContextTest {
    private final ClassResolver resolver = new LeanCamelContext(false).getClassResolver();

    @Test
    void aServiceFileOfAJarIsFoundAgainAndAgain() throws Exception {
        String name = "META-INF/services/org/apache/camel/language/simple";
        for (int i = 0; i < 2; i++) {
            assertThat(resolver.loadResourceAsURL(name)).isNotNull();
            try (InputStream in = resolver.loadResourceAsStream(name)) {
                assertThat(in.readAllBytes()).isNotEmpty();
            }
        }
    }

    @Test
    void whatNoJarHasIsNotFoundInAnyContext() {
        String name = "META-INF/services/org/apache/camel/language/none-of-this-name";
        ClassResolver other = new LeanCamelContext(false).getClassResolver();

        assertThat(resolver.loadResourceAsURL(name)).isNull();
        assertThat(resolver.loadResourceAsStream(name)).isNull();
        assertThat(other.loadResourceAsURL(name)).isNull();
    }

    @Test
    void otherFilesAreLookedForAsCamelDoes() {
        assertThat(resolver.loadResourceAsURL("dev/serai/admin/document/openapi.json"))
                .isEqualTo(getClass().getResource("/dev/serai/admin/document/openapi.json"));
        assertThat(resolver.loadResourceAsURL("none-of-this-name.properties")).isNull();
    }
}
