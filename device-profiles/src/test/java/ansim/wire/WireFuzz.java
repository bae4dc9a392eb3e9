package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ansim.fuzz.FuzzTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The fuzz targets of the message contract. {@code up-message} and {@code down-message}: bytes as they come from the link;
 * {@code up-payload} and {@code down-payload}: with a right envelope around them; {@code cbor}: the strict reader alone. The seeds are
 * the golden vectors.
 */
public final class WireFuzz {
    static final List<FuzzTarget> TARGETS = List.of(
            new FuzzTarget("up-message", messages(Names.UP), WireFuzz::up),
            new FuzzTarget(
                    "up-payload", payloads(Names.UP, UpMessage.TYP), input -> up(enveloped(Seal.UP_HEADER, input))),
            new FuzzTarget("down-message", messages(Names.DOWN), WireFuzz::down),
            new FuzzTarget(
                    "down-payload",
                    payloads(Names.DOWN, DownMessage.TYP),
                    input -> down(enveloped(Seal.DOWN_HEADER, input))),
            new FuzzTarget("cbor", payloads(Names.UP, UpMessage.TYP), WireFuzz::cbor));

    private static FuzzTarget target = TARGETS.get(0);

    private WireFuzz() {}

    private static final class Names {
        static final Collection<String> UP = up();
        static final Collection<String> DOWN = Vectors.down().keySet();

        private static Collection<String> up() {
            try {
                List<String> names = new ArrayList<>(Vectors.up().keySet());
                names.add("unknown-keys");
                return names;
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Jazzer calls it with the target's name. */
    public static void fuzzerInitialize(String[] args) {
        target = FuzzTarget.named(TARGETS, args[0]);
    }

    /** Jazzer calls it with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.body().take(input);
    }

    /** For scripts/fuzz. */
    public static void main(String[] args) throws IOException {
        FuzzTarget.tool(TARGETS, args);
    }

    private static List<byte[]> messages(Collection<String> names) {
        return names.stream().map(Vectors::hex).toList();
    }

    private static List<byte[]> payloads(Collection<String> names, String typ) {
        List<byte[]> payloads = new ArrayList<>();
        for (byte[] message : messages(names)) {
            try {
                payloads.add(CoseSign1.parse(message, typ).payload());
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }
        return payloads;
    }

    /** The signature is nobody's: who parses does not verify. */
    private static byte[] enveloped(String header, byte[] payload) {
        return Seal.assemble(18, Diag.encode(header), new byte[] {(byte) 0xa0}, payload, new byte[64]);
    }

    /**
     * Refused, or read; what the strict parser takes the lenient one takes, too, and means the same; what it says can be printed; and
     * said again by our own encoder it means the same.
     */
    private static void up(byte[] input) {
        UpMessage message;
        try {
            message = UpMessage.parseLeniently(input);
        } catch (WireException refused) {
            return;
        }
        assertArrayEquals(input, message.bytes());
        assertFalse(message.verify((key, signed, signature) -> false, Seal.UNIT.verifyKey()));
        Describe.text(Describe.fields(message));
        Describe.json(Describe.fields(message));
        try {
            assertEquals(message.batch(), UpMessage.parse(input).batch());
        } catch (WireException broken) {
            assertEquals(broken.getMessage(), message.flaw().orElseThrow());
            return;
        }
        if (message.batch().records().stream().anyMatch(each -> each.body() instanceof Unknown)) {
            // What we do not know we never write again; it may hold a float, which none of our own records does.
            return;
        }
        byte[] again = CborOut.encode(message.batch().fields());
        try {
            assertEquals(
                    message.batch(),
                    UpMessage.parse(enveloped(Seal.UP_HEADER, again)).batch());
        } catch (WireException e) {
            // With keys from a later version in it a message may be longer than ours without them, never the other way
            // round.
            throw new AssertionError("our own encoding of it is refused", e);
        }
    }

    private static void down(byte[] input) {
        DownMessage message;
        try {
            message = DownMessage.parse(input);
        } catch (WireException refused) {
            return;
        }
        assertArrayEquals(input, message.bytes());
        assertFalse(message.verify((key, signed, signature) -> false, Seal.HUB.verifyKey()));
        Describe.text(Describe.fields(message));
        Describe.json(Describe.fields(message));
        byte[] again = CborOut.encode(message.command().fields());
        try {
            assertEquals(
                    message.command(),
                    DownMessage.parse(enveloped(Seal.DOWN_HEADER, again)).command());
        } catch (WireException e) {
            throw new AssertionError("our own encoding of it is refused", e);
        }
    }

    /** What the strict reader takes is well-formed CBOR to a reader that was written apart, and one item that ends where it ends. */
    private static void cbor(byte[] input) {
        Item item;
        try {
            item = StrictCbor.item(input, 0);
        } catch (WireException refused) {
            return;
        }
        assertArrayEquals(input, item.encoded());
        try {
            LooseCbor.read(input);
        } catch (WireException e) {
            throw new AssertionError("strict takes what is no CBOR", e);
        }
    }
}
