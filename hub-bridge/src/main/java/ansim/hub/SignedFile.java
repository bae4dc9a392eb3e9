package ansim.hub;

import ansim.settings.CommandFailure;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A signed message in any form in which a person may hold it, told apart by content: bytes, hex, base64, or an event's JSON. */
final class SignedFile {
    /** Bytes of a file at most: a COSE_Sign1 of any origin, or the evidence of the longest ride. */
    static final int MAX_BYTES = 64 * 1024 * 1024;

    /** The name for standard input. */
    static final String STANDARD_INPUT = "-";

    /** Members of an event that may hold the signed bytes in base64: our own name first, then CloudEvents 1.0's. */
    private static final List<String> MEMBERS = List.of("signed", "message", "data_base64");

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private SignedFile() {}

    static byte[] readAll(String file, InputStream standardInput) {
        try (InputStream in = file.equals(STANDARD_INPUT) ? standardInput : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new CommandFailure(
                        file + " is longer than " + MAX_BYTES + " bytes", "give one message or one event at a time");
            }
            return bytes;
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e, "check the name and its permissions");
        }
    }

    /** The message's bytes. What is none of the known texts is taken for the message itself. */
    static byte[] message(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1).strip();
        if (text.startsWith("{")) {
            return fromJson(content);
        }
        byte[] unhexed = bytes(content);
        return unhexed != content ? unhexed : base64(text).orElse(content);
    }

    /** The bytes of a hex text, or the content as it is. */
    static byte[] bytes(byte[] content) {
        String digits = new String(content, StandardCharsets.ISO_8859_1).replaceAll("\\s", "");
        return digits.matches("([0-9A-Fa-f]{2})+") ? HexFormat.of().parseHex(digits) : content;
    }

    private static byte[] fromJson(byte[] content) {
        JsonNode event;
        try {
            event = JSON.readTree(content);
        } catch (JsonProcessingException e) {
            throw new CommandFailure("not one JSON event: " + e.getOriginalMessage(), "give one event at a time");
        } catch (IOException e) {
            throw new CommandFailure("not one JSON event: " + e.getMessage(), "give one event at a time");
        }
        for (String member : MEMBERS) {
            for (JsonNode found : event.findValues(member)) {
                Optional<byte[]> bytes = found.isTextual() ? base64(found.textValue()) : Optional.empty();
                if (bytes.isPresent()) {
                    return bytes.get();
                }
            }
        }
        throw new CommandFailure(
                "the event carries no signed bytes",
                "give an event with the member 'signed' in base64, as the hub sends it");
    }

    private static Optional<byte[]> base64(String text) {
        String digits = text.replaceAll("\\s", "").replace('-', '+').replace('_', '/');
        if (!digits.matches("[A-Za-z0-9+/]{4,}={0,2}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(digits));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
