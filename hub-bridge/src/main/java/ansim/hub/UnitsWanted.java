package ansim.hub;

import ansim.hub.view.Registry.Registered;
import ansim.hub.view.UnitSearch;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which units a command is about, for {@code @Mixin}; all of them if nothing is given. */
final class UnitsWanted {
    @Option(names = "--company", paramLabel = "NAME", description = "Only those of a company.")
    private Optional<String> company = Optional.empty();

    @Option(
            names = "--district",
            paramLabel = "CODE",
            description = "Only those of a district, by the registry or where they were last.")
    private Optional<String> district = Optional.empty();

    @Option(names = "--group", paramLabel = "NAME", description = "Only those of a group.")
    private Optional<String> group = Optional.empty();

    @Option(
            names = "--search",
            paramLabel = "TEXT",
            description =
                    "Only those with this in their vehicle number or their box's serial, blanks aside, or whose id begins so (8 digits at least).")
    private Optional<String> text = Optional.empty();

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description =
                    "Only those that are so: enrolling, valid, replaced, revoked; online, silent or never-seen by the hub's views, which may be half a minute behind.")
    private Optional<String> state = Optional.empty();

    /** In the order in which they came. */
    List<Registered> find(CommandSpec spec, HubFolder hub) throws IOException {
        Optional<UnitSearch.State> known = state.flatMap(UnitSearch.State::of);
        if (state.isPresent() && known.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--state must be one of "
                            + Arrays.stream(UnitSearch.State.values())
                                    .map(UnitSearch.State::word)
                                    .toList()
                            + " (got \"" + state.get() + "\")");
        }
        try (UnitSearch search = UnitSearch.open(hub.file(HubFolder.REGISTRY), hub.file("views.db"))) {
            return search.find(
                    new UnitSearch.Wanted(company, district, group, text, known), System.currentTimeMillis());
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read the registry: " + e.getMessage(),
                    "check the folder and its permissions: " + hub.file(HubFolder.REGISTRY));
        }
    }
}
