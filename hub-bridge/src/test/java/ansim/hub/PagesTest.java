package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the pages under {@code docs} tell people to type is what the program takes. */
final class PagesTest {
    private static final Path DOCS = Path.of(System.getProperty("ansim.root", ".."), "docs");
    /** To the end of the line or of the code in it. */
    private static final Pattern TYPED =
            Pattern.compile("(?:hub-bridge|(?<=`|^)hub) ([a-z][^`\\n|)]*)", Pattern.MULTILINE);

    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    private final CommandLine hub = HubBridge.commandLine();

    @Test
    void everyCommandOfThePagesIsOneWithTheseOptions() throws IOException {
        List<String> wrong = new ArrayList<>();
        int found = 0;
        try (Stream<Path> pages = Files.list(DOCS)) {
            for (Path page : pages.filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                Matcher typed = TYPED.matcher(Files.readString(page));
                while (typed.find()) {
                    found++;
                    String line = typed.group(1).replaceAll("  +#.*", "");
                    problem(line).ifPresent(each -> wrong.add(page.getFileName() + ": " + line + ": " + each));
                }
            }
        }
        assertEquals("", String.join("\n", wrong));
        assertTrue(found > 30, "commands are looked for where they are (found " + found + ")");
    }

    private Optional<String> problem(String line) {
        CommandLine at = hub;
        for (String word : line.split(" ", -1)) {
            CommandLine next = at.getSubcommands().get(word);
            if (next == null) {
                break;
            }
            at = next;
        }
        if (at.getParent() == null) {
            return Optional.of("no such command");
        }
        Matcher option = OPTION.matcher(line);
        while (option.find()) {
            if (at.getCommandSpec().findOption(option.group()) == null) {
                return Optional.of("no option " + option.group());
            }
        }
        return Optional.empty();
    }
}
