package ansim.hub;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.intake.Replay;
import ansim.hub.intake.Snapshots;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalFiles.OpenFile;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a backup vouches for: written last, after the copy was replayed. A log only grows, so it stays true of a backup whose next
 * making was interrupted.
 *
 * @param entries entries of the log that were replayed
 * @param generation of the hub after them
 * @param state SHA-256 over the state after them as it is without any ride key, hexadecimal: what is erased later changes nothing of it
 * @param journal id of the log, hexadecimal
 * @param sealedThrough the newest segment that gets no more entries: it and those before need not be copied again
 * @param made when
 * @param program version of hub-bridge
 */
record Manifest(
        long entries, long generation, String state, String journal, long sealedThrough, Instant made, String program) {
    static final String FILE = "backup.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The manifest of a backup. */
    static Manifest read(Path backup) throws IOException {
        return find(backup)
                .orElseThrow(() -> new CommandFailure(
                        "there is no " + backup.resolve(FILE) + ": no backup was finished there",
                        "naming the directory that hub-bridge backup wrote"));
    }

    static Optional<Manifest> find(Path backup) throws IOException {
        Path file = backup.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            return Optional.of(new Manifest(
                    json.required("entries").asLong(),
                    json.required("generation").asLong(),
                    json.required("state").asText(),
                    json.required("journal").asText(),
                    json.required("sealedThrough").asLong(),
                    Instant.parse(json.required("made").asText()),
                    json.required("program").asText()));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new CommandFailure(
                    file + " does not read: " + e.getMessage(), "a backup into a new directory; or an older one");
        }
    }

    /**
     * The state after the last entry that this vouches for: from a snapshot, and if that leads to another state from the whole log.
     *
     * @return empty when the whole log leads to another state, too
     */
    Optional<HubState> replay(Journal log, Snapshots snapshots, Replay.Subject subject) throws IOException {
        HubState state = Replay.through(log, EntryReader.OUTLINES, snapshots, entries, subject);
        if (!isStateOf(state) && snapshots.newestIndex() > 0) {
            snapshots.disown("it leads to another state than " + FILE + " names");
            state = new HubState();
            Replay.goOn(state, log, EntryReader.OUTLINES, entries, subject);
        }
        return Optional.of(state).filter(this::isStateOf);
    }

    private boolean isStateOf(HubState replayed) {
        return state.equals(HexFormat.of().formatHex(replayed.hash()));
    }

    String json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("entries", entries);
        json.put("generation", generation);
        json.put("state", state);
        json.put("journal", journal);
        json.put("sealedThrough", sealedThrough);
        json.put("made", made.toString());
        json.put("program", program);
        return json.toString();
    }

    /** Takes the place of the one before, durable. */
    void write(Path backup) throws IOException {
        Path draft = backup.resolve(FILE + ".part");
        Files.deleteIfExists(draft);
        try (OpenFile file = JournalFiles.real().open(draft, true)) {
            file.write(ByteBuffer.wrap((json() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            file.force(true);
        }
        Files.move(draft, backup.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        JournalFiles.real().forceDirectory(backup);
    }
}
