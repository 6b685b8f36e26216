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

    private Settings settings(Map<String, String> properties) throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.properties"), "");
        return Settings.load(new RunOptions(List.of(), List.of(), empty, null, properties), Map.of());
    }

    private int shards(Map<String, String> properties) throws IOException {
        return LedgerPlace.address(settings(properties), "jdbc:postgresql://db.example/serai")
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

    @Test
    void nodesWithOneSecretHaveOneKeyForStatusLinks() throws IOException {
        assertThat(key(Map.of())).isNull();
        byte[] a = key(Map.of("serai.node.port", "1", "serai.node.secretFile", secret("a secret of all nodes")));
        byte[] b = key(Map.of("serai.node.port", "2", "serai.node.secretFile", secret("a secret of all nodes\n")));
        byte[] stranger =
                key(Map.of("serai.node.port", "2", "serai.node.secretFile", secret("another secret of nodes")));
        assertThat(a).hasSize(32).isEqualTo(b).isNotEqualTo(stranger);
    }

    private String secret(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "nodes", ".secret"), text)
                .toString();
    }

    private byte[] key(Map<String, String> properties) throws IOException {
        return LedgerPlace.sharedKey(settings(properties), "status links");
    }
}
