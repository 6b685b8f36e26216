package dev.serai.text;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** Times and durations in JSON, as ISO 8601 writes them and without a loss: {@code 2026-01-31T08:00:00.000001Z}, {@code PT1.5S}. */
public final class IsoTimes extends SimpleModule {
    private static final long serialVersionUID = 1L;

    public IsoTimes() {
        addSerializer(Instant.class, ToStringSerializer.instance);
        addSerializer(Duration.class, ToStringSerializer.instance);
        addDeserializer(Instant.class, new IsoReader<>(Instant.class, Instant::parse));
        addDeserializer(Duration.class, new IsoReader<>(Duration.class, Duration::parse));
    }

    private static final class IsoReader<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1L;

        private final transient Function<String, T> parse;

        IsoReader(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        protected T _deserialize(String value, DeserializationContext context) {
            return parse.apply(value);
        }
    }
}
