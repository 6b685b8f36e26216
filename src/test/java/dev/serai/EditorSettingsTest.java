package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.LeanCamelContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The editors' settings describe the components as they are. */
class EditorSettingsTest {
    private static final Path SETTINGS = Path.of(".vscode/settings.json");
    private static final String COMPONENTS = "camel.extra-components";
    /** Of the extension Language Support for Apache Camel. */
    private static final String CATALOG = "camel.Camel catalog version";

    private static final String WRITE = "serai.editor.write";

    private final JsonMapper json = new JsonMapper();

    @Test
    void theComponentsInTheSettingsAreThoseOfTheProgram() throws IOException {
        ObjectNode settings = (ObjectNode) json.readTree(SETTINGS.toFile());
        ObjectNode wanted = settings.deepCopy();
        wanted.put(CATALOG, new LeanCamelContext(true).getVersion());
        ArrayNode components = wanted.putArray(COMPONENTS);
        for (String scheme : List.of("feed", "ingress", "ledger", "signature")) {
            components.add(described(scheme));
        }
        if (Boolean.getBoolean(WRITE)) {
            DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
            lines.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
            Files.writeString(SETTINGS, json.writer(lines).writeValueAsString(wanted) + "\n");
        }

        assertThat(json.readTree(SETTINGS.toFile()))
                .as(
                        "%s is not up to date; this writes it: mvn test -Dtest=EditorSettingsTest -D%s=true",
                        SETTINGS, WRITE)
                .isEqualTo(wanted);
    }

    private JsonNode described(String scheme) throws IOException {
        String name = "/META-INF/dev/serai/camel/" + scheme + "/" + scheme + ".json";
        try (InputStream description = EditorSettingsTest.class.getResourceAsStream(name)) {
            return json.readTree(Objects.requireNonNull(description, name));
        }
    }
}
