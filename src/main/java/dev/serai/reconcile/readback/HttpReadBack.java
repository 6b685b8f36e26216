package dev.serai.reconcile.readback;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.http.pull.HttpPullSource;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.PullException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a target back over HTTP: all of it page by page, or one record by its key, or both. It reads pages as {@code
 * http-pull-source} does, with a new source for each listing.
 *
 * <p>Threads: one at a time.
 */
final class HttpReadBack implements ReadBack {
    private static final String KEY = "{key}";
    /** The only value of a request for one record. */
    private static final String PLACEHOLDER = "{cursor}";

    /** A list of one is how many systems answer a query. */
    private static final String ONE_RECORD = "if type == \"array\" then . else [.] end";

    private static final int RECORDS_MAX = 1_000;
    /** The statuses that say that there is no such record. */
    private static final Set<Integer> ABSENT = Set.of(404, 410);

    private final CamelContext context;
    private final @Nullable HttpBlock page;
    private final @Nullable HttpBlock read;
    private @Nullable HttpPullSource listing;
    private @Nullable HttpPullSource reader;
    private ToldTotals totals = new ToldTotals();
    private String position = "";
    private @Nullable Batch last;
    private int pageNumber;

    /**
     * @param page how to list records; null if they cannot be listed
     * @param read how to ask for one record, with {@code {key}} in its URL or body; null if that is not possible
     * @throws IllegalArgumentException with what to do
     */
    HttpReadBack(CamelContext context, @Nullable Map<String, String> page, @Nullable Map<String, String> read) {
        this.context = context;
        this.page = page == null ? null : new HttpBlock(page);
        this.read = read == null ? null : ofKey(new HttpBlock(read));
        if (this.page != null) {
            this.page.source(context, total -> {}); // refuses wrong parameters
        }
        if (this.read != null) {
            this.read.source(context, total -> {});
        }
    }

    private static HttpBlock ofKey(HttpBlock read) {
        String url = read.get("url");
        String body = read.get("body");
        if (!url.contains(KEY) && !body.contains(KEY)) {
            throw new IllegalArgumentException("url must have {key}, which is replaced by the key of a record");
        }
        HttpBlock withKey =
                read.with("url", url.replace(KEY, PLACEHOLDER)).with("body", body.replace(KEY, PLACEHOLDER));
        boolean isJson = read.get("format").isEmpty() || read.get("format").equals("json");
        return isJson && read.get("records").isEmpty() ? withKey.with("records", ONE_RECORD) : withKey;
    }

    @Override
    public boolean canList() {
        return page != null;
    }

    @Override
    public boolean canReadKeys() {
        return read != null;
    }

    @Override
    public int keysAtOnce() {
        return 1;
    }

    // ---- Pages

    @Override
    public void begin(@Nullable String from) throws Exception {
        closeListing();
        HttpBlock block = Objects.requireNonNull(page, "cannot be listed");
        pageNumber = block.get("startPage").isEmpty() ? 1 : Integer.parseInt(block.get("startPage"));
        if (from != null && isNumbered(block)) {
            pageNumber = Integer.parseInt(from);
            block = block.with("startPage", from);
        } else if (from != null) {
            block = block.with("url", from);
        }
        totals = new ToldTotals();
        HttpPullSource source = block.source(context, totals::told);
        source.start();
        listing = source;
        last = null;
        position = String.valueOf(source.begin(null));
    }

    private static boolean isNumbered(HttpBlock block) {
        return (block.get("url") + block.get("body")).contains("{page}") && !isNamed(block);
    }

    private static boolean isNamed(HttpBlock block) {
        return !block.get("next").isEmpty() || !block.get("nextHeader").isEmpty();
    }

    @Override
    public ListedRecords next() throws Exception {
        Batch batch = source().next(position, RECORDS_MAX);
        if (batch == null) {
            return new ListedRecords(List.of(), null, true);
        }
        last = batch;
        List<JsonNode> records = new ArrayList<>(batch.records().size());
        for (Object record : batch.records()) {
            if (!(record instanceof JsonNode json)) {
                throw new PullException("the listing has a record that cannot be read: " + record);
            }
            records.add(json);
        }
        boolean isPageEnd = !batch.position().equals(position);
        return new ListedRecords(records, batch.isLast() || !isPageEnd ? null : resumeAt(batch), batch.isLast());
    }

    /** A listing by {@code {offset}}, by address in a POST, or whose records are counted begins again. */
    private @Nullable String resumeAt(Batch batch) {
        HttpBlock block = Objects.requireNonNull(page);
        if (isCounted()) {
            return null;
        }
        boolean isPost = block.get("method").equalsIgnoreCase("POST");
        if (isNumbered(block)) {
            return String.valueOf(pageNumber + 1);
        }
        return isNamed(block) && !isPost && batch.position().startsWith("http") ? batch.position() : null;
    }

    @Override
    public void taken(boolean anyNew) throws PullException {
        Batch batch = last;
        if (batch == null) {
            return;
        }
        source().taken(batch, anyNew);
        pageNumber += batch.position().equals(position) ? 0 : 1;
        position = batch.position();
        String reason = source().incompleteReason();
        if (reason != null) {
            throw new PullException("the listing is not complete: " + reason);
        }
    }

    private boolean isCounted() {
        return page != null && !page.get(HttpBlock.TOTAL).isEmpty();
    }

    @Override
    public void checkListed(long records) throws PullException {
        if (isCounted()) {
            totals.check(records);
        }
    }

    private HttpPullSource source() {
        return Objects.requireNonNull(listing, "no listing has begun");
    }

    // ---- Keys

    @Override
    public List<KeyRecord> read(List<String> keys) throws Exception {
        HttpPullSource source = reader;
        if (source == null) {
            source = Objects.requireNonNull(read, "cannot be read by key").source(context, total -> {});
            source.start();
            reader = source;
        }
        List<KeyRecord> found = new ArrayList<>();
        for (String key : keys) {
            found.add(new KeyRecord(key, read(source, key)));
        }
        return found;
    }

    private static @Nullable JsonNode read(HttpPullSource source, String key) throws Exception {
        source.setStart(key);
        try {
            Batch batch = source.next(source.begin(null), 2);
            List<Object> records = batch == null ? List.of() : batch.records();
            if (records.size() > 1) {
                throw new PullException("the answer for one key has several records: check url and records of read");
            }
            if (records.isEmpty() || ((JsonNode) records.get(0)).isNull()) {
                return null;
            }
            return (JsonNode) records.get(0);
        } catch (HttpOperationFailedException e) {
            if (ABSENT.contains(e.getStatusCode())) {
                return null;
            }
            throw e;
        }
    }

    private void closeListing() {
        if (listing != null) {
            listing.stop();
            listing = null;
        }
    }

    @Override
    public void close() {
        closeListing();
        if (reader != null) {
            reader.stop();
            reader = null;
        }
    }
}
