package dev.serai.connector.kafka;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Tries whether the brokers answer and have the topic. */
public final class KafkaEndpointCheck implements EndpointCheck {
    private static final int MILLIS_MAX = 7_000;

    @Override
    public @Nullable LiveCheck of(Endpoint endpoint, boolean isSource) {
        return endpoint instanceof KafkaEndpoint kafka ? () -> tryOut(kafka) : null;
    }

    private static String tryOut(KafkaEndpoint endpoint) throws Exception {
        KafkaConfiguration configuration = endpoint.getConfiguration();
        String brokers = configuration.getBrokers();
        if (brokers == null) {
            brokers = endpoint.getComponent().getConfiguration().getBrokers();
        }
        Properties properties = configuration.createConsumerProperties();
        properties.keySet().removeIf(name -> !AdminClientConfig.configNames().contains(name.toString()));
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, MILLIS_MAX);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, MILLIS_MAX);
        String topic = configuration.getTopic();
        try (AdminClient admin = AdminClient.create(properties)) {
            TopicDescription found = Objects.requireNonNull(admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(MILLIS_MAX, TimeUnit.MILLISECONDS)
                    .get(topic));
            int partitions = found.partitions().size();
            return "the topic " + topic + " has " + partitions + (partitions == 1 ? " partition" : " partitions");
        } catch (ExecutionException e) {
            throw explained(e.getCause() == null ? e : e.getCause(), topic, brokers);
        } catch (TimeoutException e) {
            throw unreachable(brokers, e);
        }
    }

    private static Exception explained(Throwable cause, String topic, String brokers) {
        if (cause instanceof UnknownTopicOrPartitionException) {
            return new IllegalStateException(
                    "the brokers have no topic " + topic + ": create it, or correct topic", cause);
        }
        if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return unreachable(brokers, cause);
        }
        return cause instanceof Exception exception ? exception : new IllegalStateException(cause);
    }

    private static Exception unreachable(String brokers, Throwable cause) {
        return new IllegalStateException(
                "no broker of " + brokers
                        + " answers: check brokers, their advertised listeners, and the security settings",
                cause);
    }
}
