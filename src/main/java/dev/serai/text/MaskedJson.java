package dev.serai.text;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes answers as JSON without characters that could control a terminal. Every text in them passes the {@link BodyMask}, so that no
 * answer can forget it.
 *
 * <p>Threads: safe.
 */
public final class MaskedJson {
    private final BodyMask mask;
    private final ObjectMapper mapper;

    public MaskedJson(BodyMask mask) {
        this.mask = mask;
        this.mapper = mask.isOn()
                ? ExactJson.MAPPER.copy().registerModule(new SimpleModule().addSerializer(new MaskedString(mask)))
                : ExactJson.MAPPER;
    }

    public BodyMask mask() {
        return mask;
    }

    public byte[] write(Object shape) {
        try {
            return JsonText.escaped(mapper.writeValueAsString(shape)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "cannot write as JSON: " + shape.getClass().getSimpleName(), e);
        }
    }

    private static final class MaskedString extends StdSerializer<String> {
        private static final long serialVersionUID = 1L;

        private final transient BodyMask mask;

        MaskedString(BodyMask mask) {
            super(String.class);
            this.mask = mask;
        }

        @Override
        public void serialize(String text, JsonGenerator json, SerializerProvider all) throws IOException {
            json.writeString(mask.text(text));
        }
    }
}
