package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.OutputConfig;
import ansim.edge.port.PortConfig;
import ansim.edge.port.Ports;
import ansim.settings.Default;
import ansim.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for installers: what they tell to write into agent.yaml is taken, and both languages tell the same. */
class InstallerPagesTest {
    private static final Path PAGES = Path.of(System.getProperty("ansim.root", ".."), "docs/profiles");
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    private record Part(
            @Default("[]") List<PortConfig> ports,
            @Default("[]") List<OutputConfig> outputs) {}

    static List<Path> english() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            return pages.filter(page ->
                            page.toString().endsWith(".md") && !page.toString().endsWith(".ko.md"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("english")
    void whatAPageTellsToWriteIsTakenInBothLanguages(Path page) throws IOException {
        String profile = page.getFileName().toString().replace(".md", "");
        Part told = part(page);
        Part korean = part(page.resolveSibling(profile + ".ko.md"));
        assertTrue(told.ports().size() + told.outputs().size() > 0, "nothing to write");
        for (PortConfig port : told.ports()) {
            assertEquals(profile, Ports.profileOf(port).name());
        }
        for (OutputConfig output : told.outputs()) {
            assertEquals(profile, output.loaded().name());
        }
        assertEquals(Settings.effective(told), Settings.effective(korean));
    }

    @Test
    void thePageOnCommissioningTellsTheSameInBothLanguages() throws IOException {
        String english = yaml(PAGES.resolveSibling("commissioning.md"));
        assertEquals(english, yaml(PAGES.resolveSibling("commissioning.ko.md")));
        Fitting told = Settings.read("commissioning.md", english, Fitting.class);
        String contact = told.commissioning().contact().orElseThrow();
        assertTrue(Ports.profileOf(told.ports().get(0)).effective().contains("name: " + contact));
    }

    private record Fitting(List<PortConfig> ports, AgentConfig.Fitting commissioning) {}

    private static String yaml(Path page) throws IOException {
        Matcher yaml = YAML.matcher(Files.readString(page));
        assertTrue(yaml.find(), page + " has no lines for agent.yaml");
        return yaml.group(1);
    }

    private static Part part(Path page) throws IOException {
        return Settings.read(page.toString(), yaml(page), Part.class);
    }
}
