package ansim.hub;

import ansim.hub.api.Account;
import ansim.hub.api.Accounts;
import ansim.hub.api.Role;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who may use the REST API. A running hub takes a change over at once. */
@Command(
        name = "accounts",
        description = "Lets people and programs use the REST API (hub.yaml: api), each with a role.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "  hub-bridge accounts add gangnam --role centre --district 11680",
            "  hub-bridge accounts add hanbit --role fleet --company 한빛운수"
        },
        subcommands = {
            AccountsCommand.Add.class,
            AccountsCommand.ListAll.class,
            AccountsCommand.Remove.class,
            AccountsCommand.Password.class
        })
final class AccountsCommand {
    private static final int RANDOM_BYTES = 18;

    private AccountsCommand() {}

    private static Accounts open(HubFolder hub) {
        try {
            return Accounts.open(hub.file(Accounts.FILE), new SecureRandom());
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot open the accounts: " + e.getMessage(),
                    "check the folder and its permissions: " + hub.file(Accounts.FILE));
        }
    }

    /** A password that was given, or a new one that is printed. */
    private record Chosen(String password, boolean made) {
        static Chosen from(boolean standardInput) throws IOException {
            if (!standardInput) {
                byte[] random = new byte[RANDOM_BYTES];
                new SecureRandom().nextBytes(random);
                return new Chosen(Base64.getUrlEncoder().withoutPadding().encodeToString(random), true);
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line = Optional.ofNullable(in.readLine()).orElse("");
            return new Chosen(line, false);
        }

        void print(CommandSpec spec) {
            PrintWriter out = spec.commandLine().getOut();
            if (made) {
                out.println("password: " + password);
            }
            out.flush();
        }
    }

    private static CommandFailure refused(IllegalArgumentException e, String tryThis) {
        return new CommandFailure(String.valueOf(e.getMessage()), tryThis);
    }

    /** Adds one. */
    @Command(
            name = "add",
            description = "Adds an account. Makes a password and prints it, this once, unless one is given.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "NAME", description = "1 to 64 letters, digits, dots, dashes or underscores.")
        private String name = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description = {
                    "operator: reads everything and suspends riders; auditor: reads everything but riders; centre (with",
                    "--district): reads what it is sent; fleet (with --company): reads its own units and rides;",
                    "app: tells of emergencies and destinations, suspends riders."
                })
        private String role = "";

        @Option(names = "--district", paramLabel = "CODE", description = "Of a centre.")
        private Optional<String> district = Optional.empty();

        @Option(names = "--company", paramLabel = "NAME", description = "Of a fleet, as the units have it.")
        private Optional<String> company = Optional.empty();

        @Option(names = "--password-stdin", description = "The password is the first line of standard input.")
        private boolean standardInput;

        @Override
        public Integer call() throws IOException {
            Role known = Role.of(role)
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(), "--role must be one of " + Role.words() + " (got \"" + role + "\")"));
            Chosen chosen = Chosen.from(standardInput);
            try (Accounts accounts = open(hub)) {
                Account account =
                        new Account(name, known, district.or(() -> company).orElse(""));
                if ((district.isPresent() && known != Role.CENTRE) || (company.isPresent() && known != Role.FLEET)) {
                    throw new IllegalArgumentException(
                            "--district is for the role centre alone, --company for the role fleet");
                }
                if (!accounts.add(account, chosen.password, Instant.now())) {
                    throw new CommandFailure(
                            "there is an account " + name + " already", "hub-bridge accounts password " + name);
                }
            } catch (IllegalArgumentException e) {
                throw refused(e, "hub-bridge accounts add --help");
            }
            chosen.print(spec);
            return 0;
        }
    }

    /** Lists them. */
    @Command(name = "list", description = "Lists the accounts by name.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--json", description = "One JSON object a line.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            List<Account> all;
            try (Accounts accounts = open(hub)) {
                all = accounts.list();
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                all.forEach(each -> out.println(line(each)));
            } else {
                TextTable table = new TextTable("NAME", "ROLE", "OF");
                all.forEach(each ->
                        table.row(each.name(), each.role().word(), each.scope().isEmpty() ? "-" : each.scope()));
                table.print(out);
            }
            out.flush();
            return 0;
        }

        private static ObjectNode line(Account each) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("name", each.name())
                    .put("role", each.role().word())
                    .put("of", each.scope());
        }
    }

    /** Removes one. */
    @Command(
            name = "remove",
            description = "Removes an account; its tokens end at once.",
            mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {
        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "NAME", description = "The account.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            try (Accounts accounts = open(hub)) {
                if (!accounts.remove(name)) {
                    throw new CommandFailure("there is no account " + name, "hub-bridge accounts list");
                }
            }
            return 0;
        }
    }

    /** Changes its password. */
    @Command(
            name = "password",
            description = "Gives an account another password; its tokens end at once.",
            mixinStandardHelpOptions = true)
    static final class Password implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "NAME", description = "The account.")
        private String name = "";

        @Option(names = "--password-stdin", description = "The password is the first line of standard input.")
        private boolean standardInput;

        @Override
        public Integer call() throws IOException {
            Chosen chosen = Chosen.from(standardInput);
            try (Accounts accounts = open(hub)) {
                if (!accounts.password(name, chosen.password)) {
                    throw new CommandFailure("there is no account " + name, "hub-bridge accounts list");
                }
            } catch (IllegalArgumentException e) {
                throw refused(e, "hub-bridge accounts password --help");
            }
            chosen.print(spec);
            return 0;
        }
    }
}
