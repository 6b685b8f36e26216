package dev.serai.camel.ledger;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.target.RedeliveryPolicy;
import dev.serai.ledger.target.TargetOptions;
import java.time.Duration;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Expression;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Language;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Accept changes durably, and deliver them to targets in order per key until they are there. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ledger",
        title = "Ledger",
        syntax = "ledger:flow",
        category = {Category.MESSAGING},
        headersClass = LedgerConstants.class)
public class LedgerEndpoint extends DefaultEndpoint {

    /** What becomes of a key when one of its changes is given up. */
    public enum DeadLetterMode {
        /** Its later changes go on. */
        SKIP,
        /** Its later changes wait until the dead letter is replayed or discarded. */
        BLOCK
    }

    /** What a source's answer waits for. */
    public enum Mode {
        /** The change is durable. */
        ASYNC,
        /** The targets have it. */
        SYNC
    }

    /** What keeps its order. */
    public enum Order {
        /** Changes of one key. */
        KEY,
        /** Nothing. */
        NONE
    }

    /** Where a target that is new begins. */
    public enum StartFrom {
        LATEST,
        EARLIEST
    }

    @UriPath(description = "The named stream of changes")
    @Metadata(required = true)
    private String flow;

    @UriParam(
            label = "producer",
            javaType = "java.lang.String",
            description =
                    "Identifies the change, as a simple expression. Without it: with a version a hash of flow, key,"
                            + " version and body, else a new unique id")
    private @Nullable Expression id;

    @UriParam(
            label = "producer",
            javaType = "java.lang.String",
            description = "The record's identity within the flow, as a simple expression")
    private @Nullable Expression key;

    @UriParam(
            label = "producer",
            javaType = "java.lang.String",
            description = "Orders the states of the key, for example a time or a counter, as a simple expression")
    private @Nullable Expression version;

    @UriParam(
            label = "producer",
            javaType = "java.lang.String",
            defaultValue = "upsert",
            description = "upsert or delete, as a simple expression; or cursor, to read the cursor that the header"
                    + " CamelLedgerCursorName names into the header CamelLedgerCursor")
    private @Nullable Expression operation;

    @UriParam(
            label = "producer",
            description = "Whether the body is a list of changes that are accepted together, all or none, with the"
                    + " cursor of the header CamelLedgerCursor saved in the same transaction")
    private boolean batch;

    @UriParam(
            label = "producer",
            enums = "async,sync",
            defaultValue = "async",
            description = "Whether the route goes on once the change is durable, or once its targets have it")
    private Mode mode = Mode.ASYNC;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            defaultValue = "5s",
            description = "With mode=sync: how long to wait; after that the change stays accepted and goes on")
    private long timeout = 5_000;

    @UriParam(
            label = "producer",
            description = "With mode=sync: the target to wait for; without it all targets of the flow")
    private @Nullable String await;

    @UriParam(label = "consumer", description = "The name of the target; it has its own progress. Required in 'from'")
    private @Nullable String target;

    @UriParam(label = "consumer", defaultValue = "16", description = "How many keys are delivered at once")
    private int concurrency = 16;

    @UriParam(
            label = "consumer",
            defaultValue = "1",
            description = "The most changes given to the route at once. With more than 1 the body is a list of"
                    + " exchanges; when the route fails, smaller batches find the change that is to blame")
    private int batchSize = 1;

    @UriParam(
            label = "consumer",
            enums = "key,none",
            defaultValue = "key",
            description = "Whether changes of a key are delivered in order, one at a time, or all as they come")
    private Order order = Order.KEY;

    @UriParam(
            label = "consumer",
            description = "Whether a newer state of a key replaces those of its states that still wait")
    private boolean coalesce;

    @UriParam(
            label = "consumer",
            description = "Whether a change that is older than one already delivered for its key, by version, is left"
                    + " out")
    private boolean versionGuard;

    @UriParam(label = "consumer", description = "The most changes sent in a second; 0 for no bound")
    private double rate;

    @UriParam(
            label = "consumer",
            defaultValue = "20",
            description = "How often a failed delivery is tried again before it becomes a dead letter; -1 for ever")
    private int maximumRedeliveries = RedeliveryPolicy.DEFAULT.maximumRedeliveries();

    @UriParam(
            label = "consumer",
            javaType = "java.time.Duration",
            defaultValue = "1s",
            description = "The delay before the second attempt")
    private long redeliveryDelay = RedeliveryPolicy.DEFAULT.redeliveryDelay().toMillis();

    @UriParam(
            label = "consumer",
            defaultValue = "2",
            description = "By how much each further delay is longer than the one before")
    private double backOffMultiplier = RedeliveryPolicy.DEFAULT.backOffMultiplier();

    @UriParam(
            label = "consumer",
            javaType = "java.time.Duration",
            defaultValue = "1h",
            description = "The longest delay between two attempts")
    private long maximumRedeliveryDelay =
            RedeliveryPolicy.DEFAULT.maximumRedeliveryDelay().toMillis();

    @UriParam(
            label = "consumer",
            defaultValue = "0.2",
            description = "By what part of itself a delay is randomly longer or shorter, 0 to 1")
    private double collisionAvoidanceFactor = RedeliveryPolicy.DEFAULT.collisionAvoidanceFactor();

    @UriParam(
            label = "consumer",
            enums = "latest,earliest",
            defaultValue = "latest",
            description = "Whether a target that is new gets only the changes to come, or also those in the ledger")
    private StartFrom startFrom = StartFrom.LATEST;

    @UriParam(
            label = "consumer",
            enums = "skip,block",
            defaultValue = "skip",
            description =
                    "Whether later changes of a key go on when one is given up, or wait until that one is replayed or"
                            + " discarded")
    private DeadLetterMode deadLetter = DeadLetterMode.SKIP;

    public LedgerEndpoint(String uri, LedgerComponent component, String flow) {
        super(uri, component);
        this.flow = flow;
    }

    Ledger ledger() {
        return ((LedgerComponent) getComponent()).ledger();
    }

    /** Where the outcome of a change can be asked for, if that is served. */
    @Nullable String statusPath(Receipt receipt) {
        StatusPath path = ((LedgerComponent) getComponent()).statusPath();
        return path == null ? null : path.of(receipt);
    }

    TargetName targetName() {
        if (target == null || target.isBlank()) {
            throw new IllegalArgumentException(
                    "from: ledger:" + flow + " needs the parameter 'target', the name of the receiver");
        }
        return new TargetName(flow, target);
    }

    TargetOptions targetOptions() {
        RedeliveryPolicy redelivery = new RedeliveryPolicy(
                maximumRedeliveries,
                Duration.ofMillis(redeliveryDelay),
                backOffMultiplier,
                Duration.ofMillis(maximumRedeliveryDelay),
                collisionAvoidanceFactor);
        return new TargetOptions(
                concurrency,
                batchSize,
                order == Order.KEY,
                coalesce,
                versionGuard,
                rate,
                redelivery,
                startFrom == StartFrom.EARLIEST,
                deadLetter == DeadLetterMode.BLOCK);
    }

    @Override
    public Producer createProducer() {
        if (mode == Mode.SYNC && batch) {
            throw new IllegalArgumentException(
                    "ledger:" + flow + ": mode=sync takes one change at a time, so it cannot be used with batch=true");
        }
        return new LedgerProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        LedgerConsumer consumer = new LedgerConsumer(this, processor, targetName(), targetOptions());
        configureConsumer(consumer);
        return consumer;
    }

    private Expression simple(String text) {
        Language simple = getCamelContext().resolveLanguage("simple");
        Expression expression = simple.createExpression(text);
        expression.init(getCamelContext());
        return expression;
    }

    public String getFlow() {
        return flow;
    }

    public void setFlow(String flow) {
        this.flow = flow;
    }

    /** Whether changes are given an id, so that duplicates are recognised. */
    public boolean hasId() {
        return id != null;
    }

    /** Not {@code getId}, which is the endpoint's own. */
    @Nullable Expression idExpression() {
        return id;
    }

    public void setId(String id) {
        this.id = simple(id);
    }

    public @Nullable Expression getKey() {
        return key;
    }

    public void setKey(String key) {
        this.key = simple(key);
    }

    public @Nullable Expression getVersion() {
        return version;
    }

    public void setVersion(String version) {
        this.version = simple(version);
    }

    public @Nullable Expression getOperation() {
        return operation;
    }

    public void setOperation(String operation) {
        this.operation = simple(operation);
    }

    public boolean isBatch() {
        return batch;
    }

    public void setBatch(boolean batch) {
        this.batch = batch;
    }

    public Mode getMode() {
        return mode;
    }

    public void setMode(Mode mode) {
        this.mode = mode;
    }

    public long getTimeout() {
        return timeout;
    }

    public void setTimeout(long timeout) {
        this.timeout = timeout;
    }

    public @Nullable String getAwait() {
        return await;
    }

    public void setAwait(String await) {
        this.await = await;
    }

    public @Nullable String getTarget() {
        return target;
    }

    public void setTarget(String target) {
        this.target = target;
    }

    public int getConcurrency() {
        return concurrency;
    }

    public void setConcurrency(int concurrency) {
        this.concurrency = concurrency;
    }

    public int getBatchSize() {
        return batchSize;
    }

    public void setBatchSize(int batchSize) {
        this.batchSize = batchSize;
    }

    public Order getOrder() {
        return order;
    }

    public void setOrder(Order order) {
        this.order = order;
    }

    public boolean isCoalesce() {
        return coalesce;
    }

    public void setCoalesce(boolean coalesce) {
        this.coalesce = coalesce;
    }

    public boolean isVersionGuard() {
        return versionGuard;
    }

    public void setVersionGuard(boolean versionGuard) {
        this.versionGuard = versionGuard;
    }

    public double getRate() {
        return rate;
    }

    public void setRate(double rate) {
        this.rate = rate;
    }

    public int getMaximumRedeliveries() {
        return maximumRedeliveries;
    }

    public void setMaximumRedeliveries(int maximumRedeliveries) {
        this.maximumRedeliveries = maximumRedeliveries;
    }

    public long getRedeliveryDelay() {
        return redeliveryDelay;
    }

    public void setRedeliveryDelay(long redeliveryDelay) {
        this.redeliveryDelay = redeliveryDelay;
    }

    public double getBackOffMultiplier() {
        return backOffMultiplier;
    }

    public void setBackOffMultiplier(double backOffMultiplier) {
        this.backOffMultiplier = backOffMultiplier;
    }

    public long getMaximumRedeliveryDelay() {
        return maximumRedeliveryDelay;
    }

    public void setMaximumRedeliveryDelay(long maximumRedeliveryDelay) {
        this.maximumRedeliveryDelay = maximumRedeliveryDelay;
    }

    public double getCollisionAvoidanceFactor() {
        return collisionAvoidanceFactor;
    }

    public void setCollisionAvoidanceFactor(double collisionAvoidanceFactor) {
        this.collisionAvoidanceFactor = collisionAvoidanceFactor;
    }

    public StartFrom getStartFrom() {
        return startFrom;
    }

    public void setStartFrom(StartFrom startFrom) {
        this.startFrom = startFrom;
    }

    public DeadLetterMode getDeadLetter() {
        return deadLetter;
    }

    public void setDeadLetter(DeadLetterMode deadLetter) {
        this.deadLetter = deadLetter;
    }
}
