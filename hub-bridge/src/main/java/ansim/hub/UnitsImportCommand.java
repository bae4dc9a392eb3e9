package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.hub.view.Claims.Claim;
import ansim.hub.view.Claims.State;
import ansim.hub.view.Claims.Wish;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.trust.ClaimCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units import}: a claim for each vehicle and site of a CSV file. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a claim for each row of a CSV file: the right to enrol one box as that vehicle or site, once.",
            "Columns, in any order: serial, vehicle or site, company, kind (taxi, cctv-pole, locker-site), district,",
            "position (\"37.4979,127.0276\"), group. A row has a serial, a vehicle or a site; with both only that box",
            "may have the claim; with a serial alone a fitter's phone gives the box its claim.",
            "All problems are told at once, and then nothing is imported. The same file again changes nothing: a sheet that is",
            "there is not written over, and index.csv of --claims keeps its lines."
        },
        footer = {
            "",
            "  printf 'vehicle,company\\n서울 31바 1234,한빛운수\\n' > taxis.csv",
            "  hub-bridge units import taxis.csv --sheet sheet.html --claims sticks/"
        })
final class UnitsImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private HubAddress address = new HubAddress();

    @Parameters(paramLabel = "FILE.csv", description = "UTF-8, the columns' names in its first line.")
    private Path file = Path.of("");

    @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
    private boolean dryRun;

    @Option(
            names = "--sheet",
            paramLabel = "OUT.html",
            description = "A sheet to print: one card with QR code and code to type for each unit.")
    private Optional<Path> sheet = Optional.empty();

    @Option(
            names = "--claims",
            paramLabel = "DIR",
            description = "A folder with a claim file for each unit, to be put on a USB stick.")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--new-codes",
            description = "Also make new codes for claims that are there already; their old ones are void then.")
    private boolean newCodes;

    @Option(names = "--days", paramLabel = "N", description = "How long a claim lasts (default: 30).")
    private int days = (int) Claims.LIFE.toDays();

    /** What the file comes to. */
    private static final class Plan {
        final List<Wish> fresh = new ArrayList<>();
        final Map<Long, Wish> changes = new LinkedHashMap<>();
        /** Of claims that stay as they are, for the sheet. */
        final List<Claim> same = new ArrayList<>();

        final List<String> boxes = new ArrayList<>();
        int changed;
        int served;
    }

    @Override
    public Integer call() throws IOException {
        if (days < 1 || days > 365) {
            throw new ParameterException(spec.commandLine(), "--days must be in [1, 365] (got " + days + ")");
        }
        if (!newCodes) {
            sheet.ifPresent(ClaimOutputs::notThere);
        }
        CrateFile.Parsed parsed = CrateFile.read(file);
        if (!parsed.problems().isEmpty()) {
            throw refused(parsed.problems());
        }
        long nowMs = System.currentTimeMillis();
        PrintWriter out = spec.commandLine().getOut();
        try (Registry registry = UnitsCommand.open(hub)) {
            Claims claims = registry.claims();
            Plan plan = plan(parsed.rows(), claims, nowMs);
            if (!dryRun) {
                carryOut(plan, claims, nowMs);
            }
            out.printf(
                    "%s%d rows: %d claims made, %d changed, %d there already, %d of units that are there, %d boxes without a claim%n",
                    dryRun ? "dry run, nothing was done: " : "",
                    parsed.rows().size(),
                    plan.fresh.size(),
                    plan.changed,
                    plan.same.size(),
                    plan.served,
                    plan.boxes.size());
        }
        out.flush();
        return 0;
    }

    private CommandFailure refused(List<Problem> problems) {
        PrintWriter err = spec.commandLine().getErr();
        problems.forEach(each -> err.println("Error: " + each));
        err.flush();
        return new CommandFailure(
                (problems.size() == CrateFile.MAX_PROBLEMS ? "at least " : "") + problems.size() + " problems in "
                        + file + ", nothing was imported",
                "mending these lines, then again");
    }

    private Plan plan(List<CrateFile.Row> rows, Claims claims, long nowMs) throws IOException {
        Map<String, Claim> waiting = new HashMap<>();
        for (Claim each : claims.all()) {
            State state = each.state(nowMs);
            if (state == State.OPEN || state == State.BOUND || state == State.EXPIRED) {
                waiting.put(each.service().vehicle(), each);
            }
        }
        Set<String> served = claims.served();
        long untilMs = nowMs + days * 86_400_000L;
        Plan plan = new Plan();
        for (CrateFile.Row row : rows) {
            if (row.service().isEmpty()) {
                plan.boxes.add(row.serial().orElseThrow());
                continue;
            }
            UnitRecord.Service service = row.service().get();
            Wish wish = new Wish(service, row.serial(), Optional.empty(), Optional.empty(), untilMs);
            Claim known = waiting.get(service.vehicle());
            if (known != null) {
                decide(plan, known, wish, nowMs);
            } else if (served.contains(service.vehicle())) {
                plan.served++;
            } else {
                plan.fresh.add(wish);
            }
        }
        return plan;
    }

    private void decide(Plan plan, Claim known, Wish wish, long nowMs) {
        State state = known.state(nowMs);
        boolean other = !known.service().equals(wish.service())
                || (wish.serial().isPresent() && !wish.serial().equals(known.serial()));
        boolean changes = state == State.EXPIRED || (state == State.OPEN && other);
        if (changes) {
            plan.changed++;
        } else {
            plan.same.add(known);
        }
        if (changes || (newCodes && state == State.OPEN)) {
            long untilMs = state == State.EXPIRED || newCodes ? wish.expiresMs() : known.expiresMs();
            plan.changes.put(
                    known.id(),
                    new Wish(
                            changes ? wish.service() : known.service(),
                            wish.serial().or(known::serial),
                            Optional.empty(),
                            known.replaces(),
                            untilMs));
        }
    }

    private void carryOut(Plan plan, Claims claims, long nowMs) throws IOException {
        boolean shown = sheet.isPresent() || folder.isPresent();
        if (!shown) {
            claims.take(plan.fresh, plan.changes, nowMs);
            claims.addBoxes(plan.boxes, nowMs);
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        List<ClaimCode> codes = ClaimCodes.make(plan.fresh.size() + plan.changes.size(), err);
        try (ClaimOutputs outputs = new ClaimOutputs(
                sheet, folder, address.url(hub), HubAddress.authority(hub).authority())) {
            int next = 0;
            List<Wish> fresh = new ArrayList<>();
            for (Wish each : plan.fresh) {
                ClaimCode code = codes.get(next++);
                fresh.add(proved(each, code));
                outputs.add(each.service(), each.serial(), each.expiresMs(), Optional.of(code));
            }
            Map<Long, Wish> changes = new LinkedHashMap<>();
            for (Map.Entry<Long, Wish> each : plan.changes.entrySet()) {
                ClaimCode code = codes.get(next++);
                Wish wish = each.getValue();
                changes.put(each.getKey(), proved(wish, code));
                outputs.add(wish.service(), wish.serial(), wish.expiresMs(), Optional.of(code));
            }
            for (Claim each : plan.same) {
                if (!plan.changes.containsKey(each.id())) {
                    outputs.add(each);
                }
            }
            for (String each : plan.boxes) {
                outputs.add(each);
            }
            // What is shown is there only once the hub knows it, and what the hub knows was written before.
            outputs.force();
            claims.take(fresh, changes, nowMs);
            claims.addBoxes(plan.boxes, nowMs);
            outputs.finish();
        }
    }

    private static Wish proved(Wish wish, ClaimCode code) {
        return new Wish(
                wish.service(), wish.serial(), Optional.of(Claims.Proof.of(code)), wish.replaces(), wish.expiresMs());
    }
}
