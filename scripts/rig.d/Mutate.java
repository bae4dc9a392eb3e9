package ansim.rig;

import ansim.edge.UnitStore;
import ansim.hub.intake.LogStore;
import ansim.journal.JournalFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** {@code scripts/rig/mutate}: makes stores, damages them, opens them, and says what was lost. Usage: Mutate STORES SEED JSON [GROUP:STORE]. */
public final class Mutate {
    /** Each store that is made is damaged in so many different ways; every second of them is a unit's. */
    private static final int PER_STORE = 10;

    private static final int FAULTS_SHOWN = 40;

    /** No two seeds share a group of up to 10,000,000 stores. */
    private static final long GROUPS_PER_SEED = 1_000_000;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Map<String, Map<String, Long>> totals = new TreeMap<>();
    private final Map<Mutation, long[]> kinds = new EnumMap<>(Mutation.class);
    private final List<String> faults = new ArrayList<>();
    private final long seed;

    private Mutate(long seed) {
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        Mutate rig = new Mutate(Long.parseLong(args[1]));
        Path json = Path.of(args[2]);
        Path shm = Path.of("/dev/shm");
        Path folder = Files.createTempDirectory(Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir")), "ansim-mutate");
        try {
            if (args.length > 3) {
                String[] only = args[3].split(":");
                rig.only(Integer.parseInt(only[0]), Integer.parseInt(only[1]), folder, json.resolveSibling("mutate"));
            } else {
                rig.run(Integer.parseInt(args[0]), folder);
            }
        } finally {
            StoreFiles.delete(folder);
        }
        rig.table();
        rig.json(json);
        System.exit(rig.faults.isEmpty() ? 0 : 1);
    }

    private void run(int stores, Path folder) throws Exception {
        long toldNs = System.nanoTime();
        for (int done = 0, group = 0; done < stores; group++) {
            Made made = make(group, folder);
            for (int i = 0; i < PER_STORE && done < stores; i++, done++) {
                add(made.program(), damage(made), "group " + group + " store " + i);
            }
            if (System.nanoTime() - toldNs > 5_000_000_000L) {
                toldNs = System.nanoTime();
                System.err.println(done + " of " + stores + " stores, " + faults.size() + " stores with a fault");
            }
        }
    }

    /** One store alone, told in full. Those before it in its group are damaged, too, since each takes the group's randomness on. */
    private void only(int group, int store, Path folder, Path kept) throws Exception {
        Made made = make(group, folder);
        for (int i = 0; i < store; i++) {
            damage(made);
        }
        Findings found = damage(made);
        add(made.program(), found, "group " + group + " store " + store);
        out.println(made.program() + " " + found.mutations);
        found.faults.forEach(fault -> out.println("  " + fault));
        StoreFiles.delete(kept);
        StoreFiles.write(kept.resolve("made"), found.made);
        StoreFiles.write(kept.resolve("damaged"), found.damaged);
        StoreFiles.write(kept.resolve("opened"), StoreFiles.read(folder.resolve(made.program())));
        out.println("kept: " + kept + "/made, /damaged and /opened");
    }

    /** A group: one store as its program left it, to be damaged {@link #PER_STORE} times. */
    private record Made(SplittableRandom random, Optional<UnitStore> lanes, Optional<LogStore> log) {
        String program() {
            return lanes.isPresent() ? "unit" : "hub";
        }
    }

    private Made make(int group, Path folder) throws Exception {
        SplittableRandom random = new SplittableRandom(1 + (seed - 1) * GROUPS_PER_SEED + group);
        if (group % 2 == 0) {
            UnitStore lanes = new UnitStore(folder.resolve("unit"), NO_FSYNC, random);
            lanes.make();
            return new Made(random, Optional.of(lanes), Optional.empty());
        }
        LogStore log = new LogStore(folder.resolve("hub"), NO_FSYNC, random);
        log.make();
        log.make();
        return new Made(random, Optional.empty(), Optional.of(log));
    }

    private static Findings damage(Made made) throws Exception {
        List<Mutation> mutations = new ArrayList<>();
        for (int m = 1 + made.random.nextInt(3); m > 0; m--) {
            mutations.add(Mutation.values()[made.random.nextInt(Mutation.values().length)]);
        }
        return made.lanes.isPresent()
                ? made.lanes.get().damage(mutations)
                : made.log.orElseThrow().damage(mutations);
    }

    private void add(String program, Findings found, String which) {
        Map<String, Long> total = totals.computeIfAbsent(program, each -> new TreeMap<>());
        total.merge("stores", 1L, Long::sum);
        total.merge("stores refused", found.refused ? 1L : 0, Long::sum);
        found.counts.forEach((what, n) -> total.merge(what, n, Long::sum));
        if (!found.faults.isEmpty()) {
            // One fault has many voices: the first of each store tells the story, the table counts all.
            faults.add(program + ", " + which + " " + found.mutations + ": " + found.faults.get(0) + " (and "
                    + (found.faults.size() - 1) + " more)");
        }
        for (Mutation mutation : found.mutations) {
            long[] row = kinds.computeIfAbsent(mutation, each -> new long[3]);
            row[0]++;
            row[1] += found.refused ? 1 : 0;
            row[2] += found.faults.isEmpty() ? 0 : 1;
        }
    }

    private void table() {
        out.printf("%-36s %8s %8s %8s%n", "damage (1 to 3 per store)", "times", "refused", "faults");
        kinds.forEach((kind, row) -> out.printf("%-36s %8d %8d %8d%n", kind.words, row[0], row[1], row[2]));
        totals.forEach((program, total) -> {
            out.printf("%n%s%n", program.equals("unit") ? "the unit's three lanes" : "the hub's log");
            total.forEach((what, n) -> out.printf("  %-58s %10d%n", what, n));
        });
        faults.stream().limit(FAULTS_SHOWN).forEach(fault -> out.println("FAULT " + fault));
        out.println();
        out.println(faults.isEmpty()
                ? "0 stores refused, 0 undamaged records lost, every lost number that anything still proves in a gap record"
                : faults.size() + " stores with a fault");
    }

    private void json(Path file) throws IOException {
        StringBuilder json = new StringBuilder("{\"seed\":" + seed);
        totals.forEach((program, total) -> {
            json.append(",\"").append(program).append("\":{");
            total.forEach((what, n) -> json.append('"').append(what).append("\":").append(n).append(','));
            json.setCharAt(json.length() - 1, '}');
        });
        json.append(",\"faults\":").append(faults.size()).append("}\n");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json);
    }

    /** The machine's files without the flushes: nothing here loses power, and 10,000 stores are done in minutes. */
    private static final JournalFiles NO_FSYNC = new JournalFiles() {
        private final JournalFiles real = JournalFiles.real();

        @Override
        public void createDirectories(Path directory) throws IOException {
            real.createDirectories(directory);
        }

        @Override
        public List<String> list(Path directory) throws IOException {
            return real.list(directory);
        }

        @Override
        public OpenFile open(Path file, boolean write) throws IOException {
            OpenFile opened = real.open(file, write);
            return new OpenFile() {
                @Override
                public int read(ByteBuffer into, long position) throws IOException {
                    return opened.read(into, position);
                }

                @Override
                public void write(ByteBuffer from, long position) throws IOException {
                    opened.write(from, position);
                }

                @Override
                public void force(boolean metadata) {}

                @Override
                public long size() throws IOException {
                    return opened.size();
                }

                @Override
                public void close() throws IOException {
                    opened.close();
                }
            };
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            real.rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            real.delete(file);
        }

        @Override
        public void forceDirectory(Path directory) {}

        @Override
        public Closeable lock(Path directory) throws IOException {
            return real.lock(directory);
        }

        @Override
        public long nowS() {
            return real.nowS();
        }

        @Override
        public long randomLong() {
            return real.randomLong();
        }
    };
}
