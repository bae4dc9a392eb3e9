package ansim.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Text to nodes. Depth, aliases and tags are checked on the events first: composing recurses, the events do not. */
final class Yaml {
    private static final LoadSettings LOAD =
            LoadSettings.builder().setUseMarks(true).build();
    private static final LoadSettings UNMARKED =
            LoadSettings.builder().setUseMarks(false).build();

    private Yaml() {}

    /** The root node; empty, with a problem added, when there is none. */
    static Optional<Node> compose(String file, String text, Collection<Problem> problems) {
        try {
            List<Problem> refused = refused(file, text);
            problems.addAll(refused);
            if (!refused.isEmpty()) {
                return Optional.empty();
            }
            Optional<Node> root = new Compose(LOAD).composeString(text);
            if (root.isEmpty()) {
                problems.add(new Problem(file, 1, "", "", "is empty"));
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(new Problem(file, line, "", "", "is not YAML: " + e.getProblem()));
        } catch (YamlEngineException e) {
            problems.add(new Problem(file, 0, "", "", "is not YAML: " + e.getMessage()));
        }
        return Optional.empty();
    }

    /** The node of a default, which stands on no line of any file. */
    static Node ofDefault(String text) {
        // An empty text is no document.
        return new Compose(UNMARKED)
                .composeString(text)
                .orElseGet(() -> new ScalarNode(Tag.STR, text, ScalarStyle.DOUBLE_QUOTED));
    }

    private static List<Problem> refused(String file, String text) {
        List<Problem> refused = new ArrayList<>();
        int depth = 0;
        int documents = 0;
        for (Event event : new Parse(LOAD).parseString(text)) {
            String rule = "";
            if (event instanceof CollectionStartEvent start) {
                depth++;
                rule = start.isImplicit() ? "" : "tags are not used in settings";
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            } else if (event instanceof ScalarEvent scalar && scalar.getTag().isPresent()) {
                rule = "tags are not used in settings";
            } else if (event instanceof AliasEvent) {
                rule = "aliases are not used in settings: write the value out";
            } else if (event instanceof DocumentStartEvent && ++documents > 1) {
                rule = "one document per file";
            }
            if (depth > Settings.MAX_DEPTH) {
                refused.add(problem(file, event, "is nested deeper than " + Settings.MAX_DEPTH));
                return refused;
            }
            if (!rule.isEmpty()) {
                refused.add(problem(file, event, rule));
            }
        }
        return refused;
    }

    private static Problem problem(String file, Event event, String rule) {
        return new Problem(file, event.getStartMark().map(Mark::getLine).orElse(-1) + 1, "", "", rule);
    }
}
