package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.node.route.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerPlaceTest {
    @TempDir
    Path folder;

    private int shards(Map<String, String> properties) throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.properties"), "");
        Settings settings = Settings.load(new RunOptions(List.of(), List.of(), empty, null, properties), Map.of());
        return LedgerPlace.address(settings, "jdbc:postgresql://db.example/serai")
                .shards();
    }

    @Test
    void aNodeAloneMakesALedgerOfOneShard() throws IOException {
        assertThat(shards(Map.of())).isEqualTo(1);
    }

    @Test
    void nodesThatShareALedgerMakeItOfSixteen() throws IOException {
        assertThat(shards(Map.of("serai.node.port", "8090"))).isEqualTo(16);
    }

    @Test
    void theSettingDecidesForBoth() throws IOException {
        assertThat(shards(Map.of("serai.shards", "4"))).isEqualTo(4);
        assertThat(shards(Map.of("serai.shards", "4", "serai.node.port", "8090")))
                .isEqualTo(4);
        assertThatThrownBy(() -> shards(Map.of("serai.shards", "65")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("1 to 64");
    }
}
