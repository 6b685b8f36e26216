package dev.serai.connector.http.pull;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How an answer is read: its compression, its charset, and its records one after the other. */
class HttpPullAnswerTest {
    private static final HttpPullPlace PLACE = new HttpPullPlace(
            URI.create("http://127.0.0.1/rows?key=k"),
            null,
            HttpPullValues.ofItem("", Instant.EPOCH, new PullTime(null, null)),
            1,
            0);
    private static final int RECORD_CHARS = HttpPullRecords.RECORD_CHARS_MAX;

    private String records = ".items";
    private String next = ".next";
    private String format = "json";

    // ---- Compression

    private static HttpPullAnswer answer(InputStream content, String... headers) throws Exception {
        ClassicHttpResponse response = new BasicClassicHttpResponse(200);
        for (int i = 0; i < headers.length; i += 2) {
            response.addHeader(headers[i], headers[i + 1]);
        }
        response.setEntity(new InputStreamEntity(content, null));
        return HttpPullAnswer.of(response, new HttpUriRequestBase("GET", PLACE.at()));
    }

    private static HttpPullAnswer answer(byte[] content, String... headers) throws Exception {
        return answer(new ByteArrayInputStream(content), headers);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] deflate(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(packed)) {
            deflate.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void aCompressedAnswerIsInflatedOnlyUpToTheLimit() throws Exception {
        byte[] blanks = new byte[(int) HttpPullAnswer.BYTES_MAX + 1];
        Arrays.fill(blanks, (byte) ' ');
        byte[] packed = gzip(blanks);
        assertThat(packed).hasSizeLessThan(100_000);

        assertThatThrownBy(() -> answer(packed, "Content-Encoding", "gzip"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("longer than 67108864 bytes, inflated: ask for fewer records per page");
    }

    @Test
    void anAnswerThatIsNotCompressedHasTheSameLimit() {
        InputStream endless = new SequenceInputStream(
                Collections.enumeration(Collections.nCopies(65, new ByteArrayInputStream(new byte[0]) {
                    private int left = 1 << 20;

                    @Override
                    public synchronized int read(byte[] bytes, int from, int length) {
                        int count = Math.min(left, length);
                        left = count == 0 ? 1 << 20 : left - count;
                        return count == 0 ? -1 : count;
                    }
                })));
        assertThatThrownBy(() -> answer(endless)).hasMessageContaining("ask for fewer records per page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "X-GZip", "deflate", "identity", "gzip, gzip", "gzip, identity"})
    void knownCompressionsAreInflated(String coding) throws Exception {
        byte[] content = "{\"items\":[{\"id\":1}]}".getBytes(UTF_8);
        byte[] packed =
                switch (coding) {
                    case "deflate" -> deflate(content);
                    case "identity" -> content;
                    case "gzip, gzip" -> gzip(gzip(content));
                    default -> gzip(content);
                };
        assertThat(read(answer(packed, "Content-Encoding", coding))).containsExactly("{\"id\":1}");
    }

    @Test
    void anUnknownCompressionOrADamagedOneEndsTheRunWithTheReason() throws Exception {
        byte[] packed = gzip("{\"items\":[]}".getBytes(UTF_8));
        assertThatThrownBy(() -> answer(packed, "Content-Encoding", "br"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("compressed with br, which was not asked for");
        assertThatThrownBy(() -> answer(packed, "Content-Encoding", "gzip,gzip,gzip"))
                .hasMessageContaining("compressed 3 times");
        assertThatThrownBy(() -> answer(new byte[100], "Content-Encoding", "gzip"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("cannot be inflated");
    }

    @Test
    void aCompressedAnswerThatIsCutOffIsAskedForAgain() throws Exception {
        byte[] packed = gzip("{\"items\":[]}".getBytes(UTF_8));
        for (int length : new int[] {0, 5, packed.length - 9}) {
            assertThatThrownBy(() -> answer(Arrays.copyOf(packed, length), "Content-Encoding", "gzip"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ends in the middle");
        }
    }

    // ---- Records

    private List<String> read(HttpPullAnswer answer) throws Exception {
        return read(answer, new ArrayList<>());
    }

    /** All records, and what next finds. */
    private List<String> read(HttpPullAnswer answer, List<String> nextPage) throws Exception {
        try (answer) {
            HttpPullRecords source = source(answer);
            List<String> found = new ArrayList<>();
            for (Object record = source.next(); record != null; record = source.next()) {
                found.add(record instanceof BrokenRecord broken ? broken.reason() : record.toString());
            }
            if (!next.isEmpty() && format.equals("json")) {
                nextPage.add(String.valueOf(new JqExpression("next", next).value(source.rest())));
            }
            return found;
        }
    }

    private HttpPullRecords source(HttpPullAnswer answer) throws Exception {
        HttpPullFormat how = new HttpPullFormat();
        how.setRecords(records);
        how.setFormat(format);
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        paging.setNext(format.equals("json") ? next : null);
        how.check(paging.bodyOption());
        return how.records(answer, paging, PLACE);
    }

    private List<String> read(String text, String... headers) throws Exception {
        return read(answer(text.getBytes(UTF_8), headers));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".items | .next | {'next':'b','items':[{'id':1},{'id':2.50}],'x':[1,{'y':2}]}",
                ".items | .next // empty | {'items':[],'next':null}",
                ".items | | {'items':{'id':7},'next':'c'}",
                ".data.items | .data.next | {'a':{'items':[1]},'data':{'n':1,'next':{'a':[2]},'items':[{'id':1}],'z':0}}",
                ".data.items | .meta.next | {'data':{'items':[{'id':1}]},'meta':{'next':'n','items':[]}}",
                ".[\"a b\"].\"c-d\" | .[\"@odata.nextLink\"] | {'a b':{'c-d':[{'id':3}]},'@odata.nextLink':'u'}",
                "`.items[]` | .next | {'items':[{'id':1},{'id':2}],'next':false}",
                "`.items[]` | .next | {'items':{'k':{'id':1},'l':{'id':2}}}",
                "`.[]` | | [{'id':1},{'id':2}]",
                ". | | [{'id':1},[2],3]",
                ". | | {'id':1}",
                "`.items[] ! select(.id > 1)` | .next | {'items':[{'id':1},{'id':2},{'id':3}],'next':'x'}",
                "`[.items[] ! select(.id > 1) ! .id, .id]` | .next | {'items':[{'id':1},{'id':2}],'next':'x'}",
            })
    void aStreamedAnswerHasTheSameRecordsAsOneThatIsHeldWhole(String expression, String nextPage, String text)
            throws Exception {
        records = expression.replace('!', '|');
        next = nextPage == null ? "" : nextPage;
        String json = text.replace('\'', '"');
        List<String> streamedNext = new ArrayList<>();
        try (HttpPullAnswer answer = answer(json.getBytes(UTF_8))) {
            assertThat(source(answer)).isInstanceOf(HttpPullJson.class);
        }
        List<String> streamed = read(answer(json.getBytes(UTF_8)), streamedNext);

        List<String> wholeNext = new ArrayList<>();
        records = "(" + records + ")";
        try (HttpPullAnswer answer = answer(json.getBytes(UTF_8))) {
            assertThat(source(answer)).isInstanceOf(HttpPullWhole.class);
        }
        assertThat(streamed).isEqualTo(read(answer(json.getBytes(UTF_8)), wholeNext));
        assertThat(streamedNext).isEqualTo(wholeNext);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "<html>",
                "{\"items\":[}",
                "{\"items\":[{}]",
                "{\"items\":[{}]} {}",
                "{\"items\":[1]}x",
                "{\"items\":[],\"items\":[]}",
                "{\"items\":null}",
                "{\"items\":7}",
                "{\"item\":[]}",
                "[]",
                "3"
            })
    void anAnswerOfAnotherShapeEndsTheRun(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(PullException.class).hasMessageContaining("answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {".items | map(.x)", "[.items[]] | .[0:2]", ".items[0]", "[.a[]] + [.b[]]", "..", ".a, .b"})
    void anExpressionThatNeedsTheWholeAnswerIsNotStreamed(String expression) {
        assertThat(HttpPullSelection.of(expression).isStreamed(List.of())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({".items,.items.next", ".data.items,.data", ".items,'.items[-1].id'", ".,.next", ".items,.items"})
    void anAnswerWhoseNextPageIsAmongItsRecordsIsNotStreamed(String where, String nextPage) {
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        paging.setNext(nextPage);
        assertThat(HttpPullSelection.of(where).isStreamed(paging.bodyPaths())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".items | .next | .total | {'total':7,'items':[{'id':1}],'next':'b'} | 7",
                ".items | .meta.next | .meta.total | {'items':[{'id':1}],'meta':{'next':'b','total':'8'}} | 8",
                ".items | .next | .total | {'items':[{'id':1}],'next':'b','total':9.0} | 9",
                ".items | .next | `.pages * 2` | {'items':[{'id':1}],'next':'b','pages':5} | 10",
                ".items | .next | .total | {'items':[{'id':1}],'next':'b'} |",
            })
    void theTotalIsReadWhereverItIsBesideTheNextPage(
            String list, String nextPage, String total, String text, Long expected) throws Exception {
        HttpPullFormat how = new HttpPullFormat();
        how.setRecords(list);
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        paging.setNext(nextPage);
        List<Long> told = new ArrayList<>();
        paging.setTotal(total, told::add);
        how.check(paging.bodyOption());
        try (HttpPullAnswer answer = answer(text.replace('\'', '"').getBytes(UTF_8))) {
            HttpPullRecords source = how.records(answer, paging, PLACE);
            assertThat(source.next()).hasToString("{\"id\":1}");
            assertThat(source.next()).isNull();
            paging.readTotal(source.rest());
            assertThat(new JqExpression("next", nextPage).value(source.rest())).hasToString("\"b\"");
        }
        assertThat(told).isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @Test
    void aTotalThatIsNoNumberEndsTheRun() {
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        paging.setTotal(".total", told -> {});
        assertThatThrownBy(() -> paging.readTotal(new JqExpression("x", "{total: \"many\"}")
                        .all(NullNode.getInstance())
                        .get(0)))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("total finds no number");
    }

    @Test
    void aRecordThatIsTooLongIsADeadLetterAndTheOthersGoOn() throws Exception {
        String longText = "x".repeat(RECORD_CHARS + 1);
        String longList =
                IntStream.range(0, RECORD_CHARS / 2).mapToObj(i -> "1").collect(Collectors.joining(",", "[", "]"));
        List<String> nextPage = new ArrayList<>();
        String text = "{\"next\":\"b\",\"items\":[{\"id\":0},{\"long\":\"" + longText + "\"},{\"id\":1},{\"long\":"
                + longList + "},{\"long\":\"" + longText + "\"},{\"id\":2}]}";

        List<String> found = read(answer(text.getBytes(UTF_8)), nextPage);

        assertThat(found).hasSize(6);
        assertThat(found.get(1))
                .isEqualTo("it has 4194316 characters, more than 4194304, or a value of it is longer than can be read");
        assertThat(List.of(found.get(0), found.get(2), found.get(5)))
                .containsExactly("{\"id\":0}", "{\"id\":1}", "{\"id\":2}");
        assertThat(nextPage).containsExactly("\"b\"");
    }

    @Test
    void anAnswerThatMustBeHeldWholeIsRefusedEarlier() {
        records = ".items | map(.)";
        String text = "{\"items\":[]," + "\"x\":\"" + "x".repeat(20 << 20) + "\"}";
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("make records and next places in the answer, like .items and .next");
    }

    @Test
    void aLongPageIsHandedOverInPartsOfBoundedLength() throws Exception {
        String text = "{\"items\":["
                + IntStream.range(0, 3_000)
                        .mapToObj(i -> "{\"id\":" + i + ",\"x\":\"" + "x".repeat(4_000) + "\"}")
                        .collect(Collectors.joining(","))
                + "]}";
        HttpPullAnswer answer = answer(text.getBytes(UTF_8));
        List<Integer> parts = new ArrayList<>();
        int expected = 0;
        try (var page = new HttpPullReading(PLACE, answer, source(answer), null, new PullCursor(null, Instant.now()))) {
            boolean more = true;
            while (more) {
                List<Object> part = page.part(2_000);
                parts.add(part.size());
                for (Object record : part) {
                    assertThat(((JsonNode) record).get("id").intValue()).isEqualTo(expected++);
                }
                more = !page.isLastPart();
                page.accepted(part.size());
            }
            assertThat(page.isDone()).isTrue();
        }
        assertThat(expected).isEqualTo(3_000);
        assertThat(parts).allMatch(size -> size * 4_000L < 4_400_000);
    }

    // ---- Charset

    @ParameterizedTest
    @CsvSource({
        "GBK,application/json; charset=GBK",
        "UTF-16LE,application/json;charset=utf-16le",
        "UTF-8,application/json",
        "UTF-8,",
        "ISO-8859-1,text/plain; charset=\"latin1\""
    })
    void theCharsetIsThatOfTheContentType(String charset, String type) throws Exception {
        String name = charset.startsWith("ISO") ? "é" : "微信";
        byte[] content = ("{\"items\":[{\"id\":\"" + name + "\"}]}").getBytes(Charset.forName(charset));
        HttpPullAnswer answer = type == null ? answer(content) : answer(content, "Content-Type", type);

        assertThat(read(answer)).containsExactly("{\"id\":\"" + name + "\"}");
    }

    @Test
    void aByteOrderMarkGoesBeforeTheContentType() throws Exception {
        byte[] content = "\ufeff{\"items\":[{\"id\":\"é\"}]}".getBytes(UTF_16LE);
        assertThat(read(answer(content, "Content-Type", "application/json; charset=utf-8")))
                .containsExactly("{\"id\":\"é\"}");
        assertThat(read("\ufeff{\"items\":[{\"id\":\"é\"}]}")).containsExactly("{\"id\":\"é\"}");
    }

    @Test
    void bytesOfAnotherCharsetAreNotReplaced() {
        byte[] content = "{\"items\":[{\"id\":\"é\"}]}".getBytes(Charset.forName("ISO-8859-1"));
        assertThatThrownBy(() -> read(answer(content)))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("the answer is not UTF-8: the source must name its charset");
        assertThatThrownBy(() -> answer(content, "Content-Type", "application/json; charset=nope"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("its charset is unknown");
    }

    // ---- Lines

    @Test
    void linesOfJsonAreRecordsAndABrokenOneIsADeadLetter() throws Exception {
        format = "ndjson";
        records = "";
        assertThat(read("{\"id\":1}\r\n\n{\"id\":\n{\"id\":1.50}"))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("{\"id\":1}"),
                        line -> assertThat(line).startsWith("not JSON: "),
                        line -> assertThat(line).isEqualTo("{\"id\":1.50}"));
        records = "select(.id > 1)";
        assertThat(read("{\"id\":1}\n{\"id\":2}\n")).containsExactly("{\"id\":2}");
    }

    @Test
    void rowsOfCsvAreRecordsWithTheColumnsOfTheFirstLine() throws Exception {
        format = "csv";
        records = "";
        assertThat(read(answer(
                        "id,name\n1,微\n2,\"a,\nb\"\n3\n".getBytes(Charset.forName("GBK")),
                        "Content-Type",
                        "text/csv; charset=gbk")))
                .containsExactly(
                        "{\"id\":\"1\",\"name\":\"微\"}",
                        "{\"id\":\"2\",\"name\":\"a,\\nb\"}",
                        "it has 1 cells, but there are 2 columns");
        assertThat(read("")).isEmpty();
    }

    @Test
    void aPageForPeopleIsNotTakenForLines() {
        format = "csv";
        assertThatThrownBy(() -> read("<html>", "Content-Type", "text/html; charset=utf-8"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("text/html");
    }
}
