package ansim.edge;

import ansim.wire.Body;
import ansim.wire.Command;
import ansim.wire.Contact;
import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.Verb;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The contract's receiving side, as small as it can be: what a unit's tests stand against. Not thread-safe. */
final class TestHub {
    final SigningKey key = SigningKey.generate(new SecureRandom());
    final Id16 unit;
    /** The keys of the unit that are in force; a test adds to them while messages come in. */
    final List<VerifyKey> unitKeys = new CopyOnWriteArrayList<>();

    long generation = 1_700_000_000L;
    /** Everything stored, in order of storing. */
    final List<UpMessage> stored = new ArrayList<>();

    int duplicates;
    int holes;
    int forks;
    private final Map<Id8, TreeMap<Long, UpMessage>> chains = new HashMap<>();
    private final Set<Id16> forked = new HashSet<>();
    /** The newest that came again of each chain, since the last receipt. */
    private final Map<Id8, Receipted> again = new HashMap<>();

    private final List<Id8> heard = new ArrayList<>();
    private final Map<Id8, Lane> lanes = new HashMap<>();
    private final List<Gap> gaps = new ArrayList<>();

    TestHub(Id16 unit, VerifyKey unitKey) {
        this.unit = unit;
        unitKeys.add(unitKey);
    }

    /** Takes a message as the contract says. */
    void take(byte[] bytes) {
        UpMessage message;
        try {
            message = UpMessage.parse(bytes);
        } catch (WireException e) {
            throw new AssertionError("a unit must send messages of the contract", e);
        }
        if (unitKeys.stream().noneMatch(key -> message.verify(Ed25519Verifier.INSTANCE, key))) {
            throw new AssertionError("a unit's message must verify");
        }
        Id8 id = message.batch().chain();
        long n = message.batch().n();
        TreeMap<Long, UpMessage> chain = chains.computeIfAbsent(id, each -> new TreeMap<>());
        lanes.put(id, message.batch().lane());
        heard.remove(id);
        heard.add(0, id);
        UpMessage known = chain.get(n);
        if (known != null) {
            takeAgain(message, known);
            return;
        }
        long next = chain.isEmpty() ? 1 : chain.lastKey() + 1;
        while (message.batch().lane() != Lane.STATUS && next < n) {
            long missing = next;
            if (gaps.stream()
                    .noneMatch(gap -> gap.chain().equals(id) && gap.first() <= missing && missing <= gap.last())) {
                holes++;
                return;
            }
            next++;
        }
        chain.put(n, message);
        stored.add(message);
        for (UpRecord each : message.batch().records()) {
            if (each.body().kind() == Kind.GAP) {
                gaps.add((Gap) each.body());
            }
        }
    }

    /** A number that is stored already: a duplicate, or a fork, which is stored too; either is receipted by its own hash. */
    private void takeAgain(UpMessage message, UpMessage known) {
        boolean same = known.payloadHash().equals(message.payloadHash());
        if (same || forked.contains(message.payloadHash())) {
            duplicates++;
        } else {
            forks++;
            forked.add(message.payloadHash());
            stored.add(message);
        }
        again.put(
                message.batch().chain(),
                new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8()));
    }

    /** What the hub holds of the chains that it last heard of, signed. */
    byte[] receipt() {
        Map<Lane, List<Receipted>> receipt = new EnumMap<>(Lane.class);
        for (Id8 id : heard) {
            TreeMap<Long, UpMessage> chain = chains.getOrDefault(id, new TreeMap<>());
            List<Receipted> named = receipt.computeIfAbsent(laneOf(id), each -> new ArrayList<>());
            if (!chain.isEmpty() && named.size() < Receipt.MAX_CHAINS) {
                named.add(new Receipted(
                        id, chain.lastKey(), chain.lastEntry().getValue().payloadHash8()));
            }
            Receipted once = again.remove(id);
            if (once != null && named.size() < Receipt.MAX_CHAINS) {
                named.add(once);
            }
        }
        receipt.values().removeIf(List::isEmpty);
        return receipt.isEmpty() ? new byte[0] : sign(new Receipt(receipt), 0);
    }

    private Lane laneOf(Id8 id) {
        Lane lane = lanes.get(id);
        if (lane == null) {
            throw new AssertionError("no such chain");
        }
        return lane;
    }

    byte[] sign(Verb verb, long number) {
        return DownMessage.sign(
                        new Command("hub", unit, OptionalLong.empty(), 1_700_000_000L, generation, number, verb), key)
                .bytes();
    }

    /** The hub comes back from a backup: it forgets everything but the first {@code kept} messages of each chain. */
    void restore(int kept) {
        generation++;
        chains.values().forEach(chain -> chain.keySet().removeIf(n -> n > kept));
        stored.removeIf(message -> message.batch().n() > kept);
        gaps.clear();
        bodies(Lane.ALARM).stream().filter(body -> body.kind() == Kind.GAP).forEach(body -> gaps.add((Gap) body));
    }

    /** The bodies of a lane in order of storing. */
    List<Body> bodies(Lane lane) {
        return stored.stream()
                .filter(message -> message.batch().lane() == lane)
                .flatMap(message -> message.batch().records().stream())
                .map(UpRecord::body)
                .toList();
    }

    /** The names of the contacts of lane 2 in order of storing. */
    List<String> doors() {
        return bodies(Lane.EVENT).stream()
                .filter(body -> body.kind() == Kind.CONTACT)
                .map(body -> ((Contact) body).name())
                .toList();
    }

    /** The tampers in order of storing. */
    List<Body> tampers() {
        return bodies(Lane.ALARM).stream()
                .filter(body -> body.kind() == Kind.TAMPER)
                .toList();
    }

    /** The bodies of one kind, while another thread may be storing. */
    synchronized List<Body> bodiesNow(Lane lane, Kind kind) {
        return bodies(lane).stream().filter(body -> body.kind() == kind).toList();
    }

    List<Gap> gaps() {
        return gaps;
    }

    int chains(Lane lane) {
        return (int) lanes.values().stream().filter(each -> each == lane).count();
    }
}
