package ansim.hub.guardian;

import java.util.Map;

/**
 * A letter in words.
 *
 * @param kind boarded, alighted, emergency, lost or provided
 * @param title one line
 * @param body the whole text
 * @param fields vehicle, company, time and district by name; empty for a provision
 */
public record Text(String kind, String title, String body, Map<String, String> fields) {
    public Text {
        fields = Map.copyOf(fields);
    }
}
