package dev.serai.camel.ledger;

import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** The options of {@code ledger:} in {@code from}. */
@UriParams
public class LedgerConsumerOptions {

    /** What happens to a key when one of its changes becomes a dead letter. */
    public enum DeadLetterMode {
        /** Its later changes are delivered. */
        SKIP,
        /** Its later changes wait until the dead letter is replayed or discarded. */
        BLOCK
    }

    /** Which changes are delivered in order. */
    public enum DeliveryOrder {
        /** Changes of one key. */
        KEY,
        /** Nothing. */
        NONE
    }

    /** Where a new target starts. */
    public enum StartFrom {
        LATEST,
        EARLIEST
    }

    @UriParam(label = "consumer", description = "The name of the target; it has its own progress. Required in 'from'")
    private @Nullable String target;

    @UriParam(label = "consumer", defaultValue = "16", description = "How many keys are delivered at once")
    private int concurrency = 16;

    @UriParam(
            label = "consumer",
            defaultValue = "1",
            description = "The most changes given to the route at once. With more than 1 the body is a list of"
                    + " exchanges; when the route fails, smaller batches find the change that fails")
    private int batchSize = 1;

    @UriParam(
            label = "consumer",
            enums = "key,none",
            defaultValue = "key",
            description = "Whether changes of a key are delivered in order, one at a time, or in any order")
    private DeliveryOrder order = DeliveryOrder.KEY;

    @UriParam(label = "consumer", description = "Whether a newer state of a key replaces its waiting older ones")
    private boolean coalesce;

    @UriParam(
            label = "consumer",
            description = "Whether to skip a change whose version is older than one already delivered for its key")
    private boolean versionGuard;

    @UriParam(label = "consumer", description = "The most changes sent in a second; 0 for no limit")
    private double rate;

    @UriParam(
            label = "consumer",
            defaultValue = "20",
            description = "How often a failed delivery is repeated before it becomes a dead letter; -1 for no limit")
    private int maximumRedeliveries = RedeliveryPolicy.DEFAULT.maximumRedeliveries();

    @UriParam(
            label = "consumer",
            javaType = "java.time.Duration",
            defaultValue = "1s",
            description = "The delay before the second attempt")
    private long redeliveryDelay = RedeliveryPolicy.DEFAULT.redeliveryDelay().toMillis();

    @UriParam(label = "consumer", defaultValue = "2", description = "The factor by which each further delay grows")
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
            description = "The part by which a delay is randomly longer or shorter, 0 to 1")
    private double collisionAvoidanceFactor = RedeliveryPolicy.DEFAULT.collisionAvoidanceFactor();

    @UriParam(
            label = "consumer",
            enums = "latest,earliest",
            defaultValue = "latest",
            description = "Whether a new target starts at the latest change or at the earliest in the ledger")
    private StartFrom startFrom = StartFrom.LATEST;

    @UriParam(
            label = "consumer",
            enums = "skip,block",
            defaultValue = "skip",
            description =
                    "Whether later changes of a key are delivered after one becomes a dead letter, or wait until that one is replayed or discarded")
    private DeadLetterMode deadLetter = DeadLetterMode.SKIP;

    @UriParam(
            label = "consumer",
            javaType = "java.time.Duration",
            defaultValue = "10m",
            description = "How long a delivery may take before it counts as failed although it may still be at work;"
                    + " it has to be longer than the time-outs of the route's own steps")
    private long deliveryTimeout = TargetOptions.DELIVERY_TIMEOUT.toMillis();

    @UriParam(
            label = "consumer",
            description =
                    "Whether a target that is down is probed when it is likely to be back, by how long it was down"
                            + " before, and not after waits that double up to 15 s")
    private boolean learnProbes;

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
                order == DeliveryOrder.KEY,
                coalesce,
                versionGuard,
                rate,
                redelivery,
                startFrom == StartFrom.EARLIEST,
                deadLetter == DeadLetterMode.BLOCK,
                Duration.ofMillis(deliveryTimeout));
    }

    TargetCircuit circuit() {
        return new TargetCircuit(TimeSource.system(), learnProbes);
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

    public DeliveryOrder getOrder() {
        return order;
    }

    public void setOrder(DeliveryOrder order) {
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

    public boolean isLearnProbes() {
        return learnProbes;
    }

    public void setLearnProbes(boolean learnProbes) {
        this.learnProbes = learnProbes;
    }

    public long getDeliveryTimeout() {
        return deliveryTimeout;
    }

    public void setDeliveryTimeout(long deliveryTimeout) {
        this.deliveryTimeout = deliveryTimeout;
    }
}
