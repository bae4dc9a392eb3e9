package ansim.hub;

import ansim.hub.vault.LetterBook;
import ansim.hub.vault.Riders;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge vault notices}: what guardians and riders are told. */
@Command(
        name = "notices",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the letters to guardians and riders: what waits, what was sent in the last 30 days, what was not.",
            "No address, no name: a letter is known by its id, a ride by its handle. States: waiting; sent; dead (refused,",
            "or not taken for a day); withheld (no consent when it was to be sent); suspended; forgotten (the ride was erased)."
        })
final class VaultNoticesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private VaultFolder vault = new VaultFolder();

    @Option(names = "--json", description = "One JSON object a line; the last one has the counts.")
    private boolean json;

    @Option(names = "--most", description = "Only so many of the newest (default: ${DEFAULT-VALUE}).")
    private int most = 1_000;

    @Override
    public Integer call() throws IOException {
        List<LetterBook.Listed> letters;
        Map<String, Long> counts;
        try (Riders riders = Riders.open(vault.folder())) {
            LetterBook book = riders.letters();
            letters = new ArrayList<>(book.list(most));
            counts = book.counts();
        }
        Collections.reverse(letters);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            letters.forEach(each -> out.println(json(each)));
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            counts.forEach(all::put);
            out.println(JsonNodeFactory.instance.objectNode().set("counts", all).toString());
        } else {
            table(out, letters);
            out.println(counts.entrySet().stream()
                    .map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining(", ")));
        }
        out.flush();
        return 0;
    }

    private static void table(PrintWriter out, List<LetterBook.Listed> letters) {
        TextTable table = new TextTable("LETTER", "RIDE OF", "WHAT", "CHANNEL", "STATE", "TRIES", "SINCE", "WHY");
        for (LetterBook.Listed each : letters) {
            table.row(
                    each.id(),
                    each.handle().isEmpty() ? "-" : each.handle(),
                    each.kind(),
                    each.channel(),
                    each.state(),
                    Integer.toString(each.tries()),
                    each.handed().truncatedTo(ChronoUnit.SECONDS).toString(),
                    each.why());
        }
        table.print(out);
    }

    static ObjectNode json(LetterBook.Listed each) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("letter", each.id())
                .put("handle", each.handle())
                .put("kind", each.kind())
                .put("channel", each.channel())
                .put("state", each.state())
                .put("tries", each.tries())
                .put("handed", each.handed().toString())
                .put("why", each.why());
        each.done().ifPresent(done -> json.put("done", done.toString()));
        return json;
    }
}
