package dev.serai.connector.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordCharset;
import dev.serai.connector.record.RecordColumns;
import dev.serai.connector.record.RecordFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTextTest {
    private static final Charset GBK = Charset.forName("GBK");

    @TempDir
    private Path folder;

    private RecordFormat format = RecordFormat.of("csv", ",");

    private List<String> read(String text) throws Exception {
        return read(text.getBytes(UTF_8));
    }

    /** Reads one record at a time, as after a restart each: JSON, or what is wrong. */
    private List<String> read(byte[] bytes) throws Exception {
        Path path = Files.write(folder.resolve("a.csv"), bytes);
        List<String> records = new ArrayList<>();
        FileCursor at = FileCursor.start("a.csv");
        while (true) {
            try (FileSourceFile file = new FileSourceFile(path, "a.csv", format, 1_000, new FileContent())) {
                assertThat(file.isSameAs(at) || at.offset() == 0).isTrue();
                Batch batch = file.read(at, 1);
                if (batch.records().isEmpty()) {
                    return records;
                }
                Object record = batch.records().get(0);
                records.add(
                        record instanceof BrokenRecord broken
                                ? broken.place() + ": " + broken.reason()
                                : ((JsonNode) record).toString());
                at = Objects.requireNonNull(FileCursor.parse(batch.cursor()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void linesEndAsTheFirstOneDoes(String end) throws Exception {
        assertThat(read(String.join(end, "id,note", "1,a", "2,\"b" + end + "c\"", "", "3,d", "")))
                .containsExactly(
                        "{\"id\":\"1\",\"note\":\"a\"}",
                        "{\"id\":\"2\",\"note\":\"b" + end.replace("\r", "\\r").replace("\n", "\\n") + "c\"}",
                        "{\"id\":\"3\",\"note\":\"d\"}");
    }

    @Test
    void aCarriageReturnInACellDoesNotCutIt() throws Exception {
        assertThat(
                        read(
                                "id,note,phone\n1,a\rb,5\n2,c,d\re\n3,\"f\rg\",\"h\"\n4,i\r\rj,6\r\n5,\"k\"\rl,7\n6,\rm,\r\r\n"))
                .containsExactly(
                        "{\"id\":\"1\",\"note\":\"a\\rb\",\"phone\":\"5\"}",
                        "{\"id\":\"2\",\"note\":\"c\",\"phone\":\"d\\re\"}",
                        "{\"id\":\"3\",\"note\":\"f\\rg\",\"phone\":\"h\"}",
                        "{\"id\":\"4\",\"note\":\"i\\r\\rj\",\"phone\":\"6\"}",
                        "a.csv:6: text follows a closing quote",
                        "{\"id\":\"6\",\"note\":\"\\rm\",\"phone\":\"\\r\"}");
    }

    @Test
    void jsonLinesEndInAnyWay() throws Exception {
        format = RecordFormat.of("jsonl", ",");
        assertThat(read("{\"a\":1}\r{\"a\":2}\r\n{\"a\":3}\n\r{\"a\":4}"))
                .containsExactly("{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}");
    }

    @Test
    void quotesAndEmptyCellsAreKept() throws Exception {
        assertThat(read("id,a,b\n1,,\n2,\"\"\"\",\"x,\"\"y\"\"\"\n3, q ,\"\"\n,,\n"))
                .containsExactly(
                        "{\"id\":\"1\",\"a\":\"\",\"b\":\"\"}",
                        "{\"id\":\"2\",\"a\":\"\\\"\",\"b\":\"x,\\\"y\\\"\"}",
                        "{\"id\":\"3\",\"a\":\" q \",\"b\":\"\"}",
                        "{\"id\":\"\",\"a\":\"\",\"b\":\"\"}");
    }

    @Test
    void tooFewOrTooManyCellsAreNamed() throws Exception {
        assertThat(read("id,a\n1\n2,b,c\n3,d,\n4,e\n"))
                .containsExactly(
                        "a.csv:2: it has 1 cells, but there are 2 columns",
                        "a.csv:3: it has 3 cells, but there are 2 columns",
                        "a.csv:4: it has 3 cells, but there are 2 columns",
                        "{\"id\":\"4\",\"a\":\"e\"}");
    }

    @Test
    void emptyColumnsAtTheEndNeedNoName() throws Exception {
        assertThat(read("id,a,,\n1,b,,\n2,c\n3,d,,e\n"))
                .containsExactly(
                        "{\"id\":\"1\",\"a\":\"b\"}",
                        "{\"id\":\"2\",\"a\":\"c\"}",
                        "a.csv:4: its cell 4 has no column name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sep=;\n", "\"sep=;\"\r\n", "SEP=;\r"})
    void theFirstLineMayNameTheDelimiter(String sep) throws Exception {
        assertThat(read(sep + "id;a\n1;b,c\n")).containsExactly("{\"id\":\"1\",\"a\":\"b,c\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\t", "|", ";", "§", "、"})
    void anyCharacterDelimitsCells(String delimiter) throws Exception {
        format = RecordFormat.of("csv", delimiter);
        assertThat(read("id" + delimiter + "a\n1" + delimiter + "b,c\n"))
                .containsExactly("{\"id\":\"1\",\"a\":\"b,c\"}");
        assertThat(RecordFormat.of("csv", "tab").delimiter()).isEqualTo('\t');
        assertThat(RecordFormat.of("csv", "\\t").delimiter()).isEqualTo('\t');
    }

    @Test
    void columnsCanBeGiven() throws Exception {
        format = format.with(RecordColumns.of(List.of("id", "a")));
        assertThat(read("1,b\r2,c\r")).containsExactly("{\"id\":\"1\",\"a\":\"b\"}", "{\"id\":\"2\",\"a\":\"c\"}");
        assertThat(read("sep=;\n1;b\n")).containsExactly("{\"id\":\"1\",\"a\":\"b\"}");
        assertThat(read("\"1,b\n2,c\n"))
                .containsExactly("a.csv:1: a quote is not closed", "{\"id\":\"2\",\"a\":\"c\"}");
    }

    @Test
    void filesInOtherCharsetsAreRead() throws Exception {
        String text = "编号,a\n1,丂|丄|\n2,\"é\n😀\"\n";
        List<String> expected = List.of("{\"编号\":\"1\",\"a\":\"丂|丄|\"}", "{\"编号\":\"2\",\"a\":\"é\\n😀\"}");
        assertThat(read(text)).isEqualTo(expected);
        assertThat(read("\ufeff" + text)).isEqualTo(expected);
        assertThat(read(text.getBytes(UTF_16))).isEqualTo(expected); // with a byte order mark
        assertThat(read(("\ufeff" + text).getBytes(UTF_16LE))).isEqualTo(expected);
        format = RecordFormat.of("csv", ",").with(RecordCharset.of("UTF-16"));
        assertThat(read(text.getBytes(UTF_16BE))).isEqualTo(expected);
        format = RecordFormat.of("csv", ",").with(RecordCharset.of("GB18030"));
        assertThat(read(text.getBytes(Charset.forName("GB18030")))).isEqualTo(expected);
        format = RecordFormat.of("csv", "|").with(RecordCharset.of("GBK")); // the second byte of 亅 is |
        assertThat(read("id|a\n1|亅\n".getBytes(GBK))).containsExactly("{\"id\":\"1\",\"a\":\"亅\"}");
        format = RecordFormat.of("csv", ",").with(RecordCharset.of("ISO-8859-1"));
        assertThat(read("id,a\n1,é\n".getBytes(ISO_8859_1))).containsExactly("{\"id\":\"1\",\"a\":\"é\"}");
    }

    @Test
    void bytesOfAnotherCharsetAreNamedWithTheirPlace() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("id,a\n1,b\n2,".getBytes(UTF_8));
        bytes.write("é".getBytes(ISO_8859_1));
        bytes.write("\n3,c\n".getBytes(UTF_8));
        assertThat(read(bytes.toByteArray()))
                .containsExactly(
                        "{\"id\":\"1\",\"a\":\"b\"}",
                        "a.csv:3: it is not UTF-8 at byte 11 of the file: set charset",
                        "{\"id\":\"3\",\"a\":\"c\"}");
        assertThatThrownBy(() -> read("编号,a\n1,b\n".getBytes(GBK))).hasMessageContaining("not UTF-8 at byte 0");
        assertThatThrownBy(() -> read("id,a\n1,b\n".getBytes(UTF_16LE))).hasMessageContaining("UTF-16");
        format = format.with(RecordCharset.of("UTF-16"));
        assertThat(read(new byte[] {0, 'i', 0, '\n', (byte) 0xd8, 0, 0, '\n', 0, '1', 0, '\n', 0}))
                .containsExactly(
                        "a.csv:2: it is not UTF-16BE at byte 4 of the file: set charset",
                        "{\"i\":\"1\"}",
                        "a.csv:4: it is not UTF-16BE at byte 12 of the file: set charset");
    }

    @Test
    void otherCharsetsAreRefused() {
        for (String name : List.of("UTF-32", "ISO-2022-JP", "IBM037", "nonsense", "")) {
            assertThatThrownBy(() -> RecordCharset.of(name)).hasMessageContaining("charset must be one like");
        }
    }

    @Test
    void packedFilesAreBounded() throws Exception {
        Path gz = folder.resolve("a.csv.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            out.write(new byte[1_000_000]);
        }
        Path to = folder.resolve("content");
        PackedFile.unpack(gz, to, 1_000_000);
        assertThat(to).hasSize(1_000_000);
        assertThatThrownBy(() -> PackedFile.unpack(gz, to, 999_999)).isInstanceOf(PullException.class);
        Files.write(gz, List.of("no gzip"));
        assertThatThrownBy(() -> PackedFile.unpack(gz, to, 10)).hasMessageContaining("cannot be unpacked");
        assertThat(folder.resolve("content.part")).doesNotExist();
    }

    @Test
    void aZipFileContainsOneFile() throws Exception {
        Path to = folder.resolve("content");
        PackedFile.unpack(zip("a.csv"), to, 100);
        assertThat(to).content().isEqualTo("content of a.csv");
        assertThatThrownBy(() -> PackedFile.unpack(zip("a.csv", "b.csv"), to, 100))
                .hasMessageContaining("several files");
        assertThatThrownBy(() -> PackedFile.unpack(zip(), to, 100)).hasMessageContaining("contains no file");
    }

    private Path zip(String... names) throws IOException {
        Path zip = folder.resolve("a.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("folder/"));
            for (String name : names) {
                out.putNextEntry(new ZipEntry("folder/" + name));
                out.write(("content of " + name).getBytes(UTF_8));
            }
        }
        return zip;
    }
}
