package ansim.hub.api;

import ansim.hub.ledger.Book;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.ledger.ProvisionLedger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The classes of the ledger as they stand in its files, beside whoever writes them: what centres were given, and who read what at the console. The
 * reads by the API are the {@link AccessLedger}'s own. Any thread.
 *
 * @param folder of the ledger
 * @param keys of what centres were given
 * @param consoleKeys of the reads at the console
 */
record LedgerLines(Path folder, LedgerKeys keys, LedgerKeys consoleKeys) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static boolean isClass(String name) {
        return name.equals(ConsoleReads.CLASS) || ProvisionLedger.classes().contains(name);
    }

    /** As {@link AccessLedger#lines}. */
    List<JsonNode> lines(String name, long after, int most) throws IOException {
        LedgerKeys opening = name.equals(ConsoleReads.CLASS) ? consoleKeys : keys;
        List<JsonNode> found = new ArrayList<>();
        for (String line : texts(name, after, most)) {
            ObjectNode open = opening.open(JSON.readTree(line));
            // What was erased when it went out, and is of no ride, names nothing.
            open.properties().removeIf(each -> isEmpty(each.getKey(), each.getValue()));
            found.add(open);
        }
        return found;
    }

    private static boolean isEmpty(String name, JsonNode value) {
        return !name.equals("reason") && value.isTextual() && value.asText().isEmpty();
    }

    private List<String> texts(String name, long after, int most) throws IOException {
        try {
            return Book.lines(folder, name, after, most);
        } catch (NoSuchFileException e) {
            // Deleted at the end of its time between two looks; the next file is there.
            return Book.lines(folder, name, after, most);
        }
    }
}
