package dev.serai.camel.ledger;

import dev.serai.camel.NonBlockingStep;
import dev.serai.camel.expression.JqTemplate;
import dev.serai.camel.expression.JqText;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.TargetName;
import dev.serai.text.JqSyntax;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.language.jq.JqLanguage;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Accept changes durably, and deliver them to targets in order per key. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ledger",
        title = "Ledger",
        syntax = "ledger:flow",
        category = {Category.MESSAGING},
        headersClass = LedgerConstants.class)
public class LedgerEndpoint extends DefaultEndpoint implements NonBlockingStep {
    /** What a simple expression may hold without calling other code. */
    private static final Pattern PLAIN =
            Pattern.compile("([^$]|\\$\\{(header[s.:\\[]|jq\\(|exchangeProperty[.:\\[])[^${}]*})*");

    @UriPath(description = "The named stream of changes")
    @Metadata(required = true)
    private String flow;

    @UriParam(
            label = "common",
            description = "Whether the flow's routes may have steps that end an exchange before its work is done; serai"
                    + " check says what can be lost")
    private boolean unsafe;

    @UriParam(
            label = "common",
            defaultValue = "true",
            description =
                    "Whether digests of what the flow's targets take are kept when there is a reconcile file; with"
                            + " false none are kept, and reconcile files of the flow are refused")
    private boolean digests = true;

    @UriParam
    private LedgerProducerOptions producerOptions = new LedgerProducerOptions();

    @UriParam
    private LedgerConsumerOptions consumerOptions = new LedgerConsumerOptions();

    public LedgerEndpoint(String uri, LedgerComponent component, String flow) {
        super(uri, component);
        this.flow = flow;
    }

    Ledger ledger() {
        return ((LedgerComponent) getComponent()).ledger();
    }

    /** The path of the change's status link; null if status links are not served. */
    @Nullable String statusPath(Receipt receipt) {
        StatusPath path = ((LedgerComponent) getComponent()).statusPath();
        return path == null ? null : path.of(receipt);
    }

    TargetName targetName() {
        String target = consumerOptions.getTarget();
        if (target == null || target.isBlank()) {
            throw new IllegalArgumentException(
                    "from: ledger:" + flow + " needs the parameter 'target', the name of the receiver");
        }
        return new TargetName(flow, target);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        new ChangeReader(this); // a wrong expression fails when the route is read, not with the first change
    }

    /** Batches and callers that wait may have to wait for room or read the store. */
    @Override
    public boolean isNonBlocking() {
        return producerOptions.getMode() == LedgerProducerOptions.Mode.ASYNC
                && !producerOptions.isBatch()
                && producerOptions.getOperation() == null
                && isPlain(producerOptions.getId())
                && isPlain(producerOptions.getKey())
                && isPlain(producerOptions.getVersion());
    }

    /**
     * The changes that the exchange would bring to the ledger, without bringing them; none if it asks for a cursor.
     *
     * @throws Exception what a producer would fail with
     */
    public List<Change> changes(Exchange exchange) throws Exception {
        return new LedgerProducer(this).read(exchange);
    }

    private static boolean isPlain(@Nullable String expression) {
        return expression == null || PLAIN.matcher(expression).matches();
    }

    @Override
    public Producer createProducer() {
        if (producerOptions.getMode() == LedgerProducerOptions.Mode.SYNC && producerOptions.isBatch()) {
            throw new IllegalArgumentException(
                    "ledger:" + flow + ": mode=sync takes one change at a time, so it cannot be used with batch=true");
        }
        return new LedgerProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        LedgerConsumer consumer = new LedgerConsumer(this, processor, targetName(), consumerOptions.targetOptions());
        configureConsumer(consumer);
        return consumer;
    }

    /**
     * The text as a simple expression in which jq reads its own expressions, or null without a text.
     *
     * @param option named if the text cannot be read
     */
    public @Nullable Expression expression(String option, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            List<Expression> parts = new ArrayList<>();
            for (JqText.Part part : JqText.split(text)) {
                parts.add(part.isJq() ? jq(part.text()) : simple(part.text()));
            }
            return new JqTemplate(parts);
        } catch (IllegalArgumentException e) {
            // Without the cause: it says the same without the option.
            throw new IllegalArgumentException("the parameter " + option + ": " + e.getMessage());
        }
    }

    private Expression simple(String text) {
        return initialised("simple", text);
    }

    private Expression jq(String text) {
        String fault = JqSyntax.fault(text, ((JqLanguage) getCamelContext().resolveLanguage("jq")).getRootScope());
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        return initialised("jq", text);
    }

    private Expression initialised(String language, String text) {
        Expression expression = getCamelContext().resolveLanguage(language).createExpression(text);
        expression.init(getCamelContext());
        return expression;
    }

    public String getFlow() {
        return flow;
    }

    public void setFlow(String flow) {
        this.flow = flow;
    }

    public boolean isUnsafe() {
        return unsafe;
    }

    public void setUnsafe(boolean unsafe) {
        this.unsafe = unsafe;
    }

    public boolean isDigests() {
        return digests;
    }

    public void setDigests(boolean digests) {
        this.digests = digests;
    }

    public LedgerProducerOptions getProducerOptions() {
        return producerOptions;
    }

    public void setProducerOptions(LedgerProducerOptions producerOptions) {
        this.producerOptions = producerOptions;
    }

    public LedgerConsumerOptions getConsumerOptions() {
        return consumerOptions;
    }

    public void setConsumerOptions(LedgerConsumerOptions consumerOptions) {
        this.consumerOptions = consumerOptions;
    }
}
