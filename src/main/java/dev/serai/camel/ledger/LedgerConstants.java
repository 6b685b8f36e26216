package dev.serai.camel.ledger;

import org.apache.camel.spi.Metadata;

/** The headers of the ledger component. */
public final class LedgerConstants {
    @Metadata(description = "Identifies the change; the same id twice is one change", javaType = "String")
    public static final String ID = "CamelLedgerId";

    @Metadata(description = "The change's number in the ledger", javaType = "long")
    public static final String SEQUENCE = "CamelLedgerSequence";

    @Metadata(label = "producer", description = "Whether the change had been accepted before", javaType = "boolean")
    public static final String DUPLICATE = "CamelLedgerDuplicate";

    @Metadata(
            label = "producer",
            description = "With batch=true: how many changes of the list had not been accepted before",
            javaType = "int")
    public static final String NEW_CHANGES = "CamelLedgerNewChanges";

    @Metadata(
            label = "producer",
            description =
                    "With batch=true: how many of the new changes are records that could not be read or processed,"
                            + " which are dead letters from the start",
            javaType = "int")
    public static final String NEW_BROKEN = "CamelLedgerNewBroken";

    @Metadata(description = "The flow of the change", javaType = "String")
    public static final String FLOW = "CamelLedgerFlow";

    @Metadata(label = "consumer", description = "The target that gets the change", javaType = "String")
    public static final String TARGET = "CamelLedgerTarget";

    @Metadata(label = "consumer", description = "The record's identity within the flow", javaType = "String")
    public static final String KEY = "CamelLedgerKey";

    @Metadata(label = "consumer", description = "Orders the states of the key, if it has one", javaType = "String")
    public static final String VERSION = "CamelLedgerVersion";

    @Metadata(label = "consumer", description = "upsert or delete", javaType = "String")
    public static final String OPERATION = "CamelLedgerOperation";

    @Metadata(label = "consumer", description = "The attempt to deliver, counted from 1", javaType = "int")
    public static final String ATTEMPT = "CamelLedgerAttempt";

    @Metadata(
            label = "consumer",
            description =
                    "Whether the target may have the change from an attempt before, of which nobody knows what became of it",
            javaType = "boolean")
    public static final String MAY_HAVE_ARRIVED = "CamelLedgerMayHaveArrived";

    @Metadata(
            label = "producer",
            description = "With mode=sync: delivered, filtered, superseded, or pending after the timeout",
            javaType = "String")
    public static final String OUTCOME = "CamelLedgerOutcome";

    @Metadata(
            label = "producer",
            description = "With mode=sync, after the timeout: the path of the status link on the flows' port",
            javaType = "String")
    public static final String STATUS = "CamelLedgerStatus";

    @Metadata(
            label = "producer",
            description = "With mode=sync: the targets' answers, by target",
            javaType = "java.util.Map<String, dev.serai.ledger.delivery.Reply>")
    public static final String REPLIES = "CamelLedgerReplies";

    @Metadata(label = "consumer", description = "How many changes a batch has", javaType = "int")
    static final String BATCH_SIZE = "CamelLedgerBatchSize";

    @Metadata(label = "consumer", description = "When the change was accepted, RFC 3339 in UTC", javaType = "String")
    public static final String ACCEPTED_AT = "CamelLedgerAcceptedAt";

    @Metadata(
            label = "producer",
            description = "The name of the cursor to read (operation=cursor) or to save together with the batch",
            javaType = "String")
    public static final String CURSOR_NAME = "CamelLedgerCursorName";

    @Metadata(label = "producer", description = "The value of the cursor", javaType = "String")
    public static final String CURSOR = "CamelLedgerCursor";

    /** The property of an exchange that is a part of a {@code split}: its index from 0, after those of the splits around it. */
    public static final String PART = "CamelLedgerPart";

    /** The property of an exchange whose route may keep a change back: an {@code AtomicBoolean}, whether something was sent. */
    public static final String SENT = "CamelLedgerSent";

    /** The property of a delivery that was not sent, because the target had it already: how that is known. */
    public static final String CONFIRMED = "CamelLedgerConfirmed";

    /** The property of an exchange with the address of who sent it, which is kept with the change. */
    public static final String CLIENT = "SeraiClient";

    /**
     * The exchange property with headers of a request as they came, by their names. A header of the message that still has the
     * very value is not the route's own.
     */
    public static final String REQUEST_HEADERS = "SeraiRequestHeaders";

    private LedgerConstants() {}
}
