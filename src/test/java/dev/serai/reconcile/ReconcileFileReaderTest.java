package dev.serai.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.LeanCamelContext;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.source.SourceBlock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileFileReaderTest {
    private static final String PAGE = "page: { url: 'http://shop.example/orders?page={page}', records: .orders }\n";

    @TempDir
    Path folder;

    private final CamelContext camel = new LeanCamelContext(true);

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void aFileIsReadWithItsDefaultsAndProperties() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("shop.url", "http://shop.example");
        camel.getPropertiesComponent().setInitialProperties(properties);

        ReconcileFile read = read("""
                flow: orders
                target: shop
                key: .id
                every: 1h
                page:
                  url: "{{shop.url}}/orders?page={page}"
                  records: .orders
                """);

        assertThat(read.name()).isEqualTo("orders");
        assertThat(read.target()).isEqualTo(new TargetName("orders", "shop"));
        assertThat(read.lag()).isEqualTo(Duration.ofSeconds(10));
        assertThat(read.every()).isEqualTo(Duration.ofHours(1));
        assertThat(read.access().page()).containsEntry("url", "http://shop.example/orders?page={page}");
    }

    @Test
    void aFileWithoutAWayToReadBackIsRefused() {
        refused("flow: orders\ntarget: shop\n", "orders.reconcile.yaml:1: says no way to read the target back");
    }

    @Test
    void aSourceHasTheKeyAndTheLagOfTheFileUnlessItSaysOtherwise() throws Exception {
        String source = "flow: orders\ntarget: shop\nlag: 3s\nkey: .id\n" + PAGE + "source:\n  " + PAGE;

        assertThat(read(source).source().lag()).isEqualTo(Duration.ofSeconds(3));
        assertThat(read(source).source().access().keyOf(ReconcileStage.json("{\"id\":\"a\",\"no\":\"b\"}")))
                .isEqualTo("a");
        String other = source + "  key: .no\n  lag: 1m\n";
        assertThat(read(other).source().lag()).isEqualTo(Duration.ofMinutes(1));
        assertThat(read(other).source().access().keyOf(ReconcileStage.json("{\"id\":\"a\",\"no\":\"b\"}")))
                .isEqualTo("b");
    }

    @Test
    void aNumberIsTheKeyOrVersionThatARouteWouldMakeOfIt() throws Exception {
        SourceBlock source = read("flow: orders\ntarget: shop\nkey: .id\n" + PAGE + "source:\n  version: .v\n  " + PAGE)
                .source();

        assertThat(source.access().keyOf(ReconcileStage.json("{\"id\":1e3}"))).isEqualTo("1000");
        assertThat(source.versionOf(ReconcileStage.json("{\"v\":2.50e1}"))).isEqualTo("25.0");
        assertThat(source.versionOf(ReconcileStage.json("{\"v\":null}"))).isNull();
    }

    @Test
    void mistakesAreToldWithTheirLines() {
        refused("flow: orders\ntarget: shop\nkye: .id\n" + PAGE, ":3: a reconcile file has no field kye");
        refused("flow: orders\ntarget: shop\nkey: .id\npage:\n  urk: x\n", ":5: page has no field urk");
        refused("flow: orders\ntarget: shop\n" + PAGE, ":3: page needs key");
        refused("flow: orders\nkey: .id\n" + PAGE, ":1: target is missing");
        refused("flow: orders\ntarget: shop\nkey: '.id |'\n" + PAGE, ":3: key is not a jq expression");
        refused("flow: orders\ntarget: shop\nkey: .id\nevery: soon\n" + PAGE, ":4: every");
        refused(
                "flow: orders\ntarget: shop\nread: { url: 'http://shop.example/orders' }\n",
                ":3: read: url must have {key}");
        refused(
                "flow: orders\ntarget: shop\nkey: .id\npage: { url: 'http://shop.example' }\n",
                ":4: page: records is missing");
        refused(
                "flow: orders\ntarget: shop\nsql: { table: orders, keyColumn: id }\n",
                ":3: sql: dataSource is missing");
        refused("flow: orders\ntarget: shop\nkey: .id\nhot: 1m\n" + PAGE, ":4: hot needs read or sql");
        String bill = "flow: orders\ntarget: shop\nkey: .id\n" + PAGE + "bill:\n";
        refused(bill + "  platform: paypal\n", ":6: bill needs platform: whose bill it is, wechat-pay");
        refused(bill + "  platform: wechat-pay\n", ":5: bill needs ledger: jq expressions of [amount, id, time]");
        refused(bill + "  platform: wechat-pay\n  mchd: 1\n", ":7: bill has no field mchd");
        refused(bill + "  ledger: { id: .id, time: .at }\n", ":6: ledger needs amount: a jq expression");
        refused(bill + "  target: { amount: .a, unit: jiao }\n", ":6: unit is the amount's, fen or yuan");
        refused(bill + "  at: noon\n", ":6: at has to be a time of day in China");
        refused(
                bill
                        + "  platform: wechat-pay\n  ledger: { id: .id, amount: .a, time: .at }\n  target: { amount: .a }\n",
                "bill: mchid");
        refused("flow: orders\ntarget: shop\nkey: .id\nsample: 9\n" + PAGE, ":4: sample needs read or sql");
        refused(
                "flow: orders\ntarget: shop\nkey: .id\nsample: 0\n" + PAGE,
                ":4: sample must be from 1 to 1000000 keys");
        String source = "flow: orders\ntarget: shop\nkey: .id\n" + PAGE + "source:\n";
        refused(source + "  version: .v\n", ":5: source says no way to read it");
        refused(source + "  raed: {}\n", ":6: source has no field raed, perhaps read is meant");
        refused(source + "  lag: soon\n  sql: { table: a }\n", ":6: lag");
        refused(source + "  sql: { table: orders, keyColumn: id }\n", ":6: sql: dataSource is missing");
        refused("flow: [", "cannot be read as YAML");
        refused("", "has to be NAME: VALUE");
    }

    private void refused(String text, String mistake) {
        assertThatThrownBy(() -> read(text)).hasMessageContaining(mistake);
    }

    private ReconcileFile read(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("orders.reconcile.yaml"), text);
        return ReconcileFileReader.read(file, camel, true);
    }
}
