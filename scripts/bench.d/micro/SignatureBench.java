package ansim.hub.intake;

import ansim.wire.MessageSigner;
import ansim.wire.SigningKey;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.Verifier;
import ansim.wire.WireBench;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Ed25519 in COSE_Sign1 by both providers. Those of the Corretto provider run only where it loads. */
@State(Scope.Thread)
public class SignatureBench {
    private static final int SIGNATURE_BYTES = 64;

    private final SigningKey key = SigningKey.fromSeed(new byte[32]);
    private final UpMessage message = WireBench.signedPosition(key);
    private final byte[] toBeSigned = unsigned(message.bytes());
    private final MessageSigner bouncyCastleSigner = MessageSigner.of(key);
    private final Verifier bouncyCastle = UnitKeyVerifier.INSTANCE;
    private MessageSigner correttoSigner = bouncyCastleSigner;
    private Verifier corretto = bouncyCastle;

    private static byte[] unsigned(byte[] signed) {
        return Arrays.copyOf(signed, signed.length - SIGNATURE_BYTES);
    }

    /** Whether the Corretto provider loads on this machine. */
    public static boolean hasCorretto() {
        return CorrettoVerifier.load().isPresent();
    }

    @Setup
    public void load() {
        correttoSigner = CorrettoSigner.of(key);
        corretto = CorrettoVerifier.load().orElse(bouncyCastle);
    }

    @Benchmark
    public byte[] signBouncyCastle() {
        return bouncyCastleSigner.sign(toBeSigned);
    }

    @Benchmark
    public byte[] signCorretto() {
        return correttoSigner.sign(toBeSigned);
    }

    @Benchmark
    public boolean verifyBouncyCastle() {
        return verified(bouncyCastle);
    }

    @Benchmark
    public boolean verifyCorretto() {
        return verified(corretto);
    }

    private boolean verified(Verifier verifier) {
        if (!message.verify(verifier, key.verifyKey())) {
            throw new IllegalStateException("a good signature does not verify");
        }
        return true;
    }
}
