package ansim.edge.keys;

import ansim.edge.keys.KeysException.Reason;
import ansim.edge.keys.TrustState.Wish;
import ansim.trust.CertificateRequest;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Ed25519Verifier;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.NextHubKey;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * Does the steps that {@link Step#next} names: at most one question to the hub and one file for each. Whatever the hub answers is checked
 * before it is kept. One thread.
 */
public final class KeySteps {
    private final TrustFolder folder;
    private final HubTime time;
    private final Duration messageKeyAge;
    private final SecureRandom random;

    /**
     * For an enrolment, or the renewals of a running agent.
     *
     * @param messageKeyAge after which a message key is replaced
     */
    public KeySteps(TrustFolder folder, HubTime time, Duration messageKeyAge, SecureRandom random) {
        this.folder = folder;
        this.time = time;
        this.messageKeyAge = messageKeyAge;
        this.random = random;
    }

    /** Goes on until nothing is due; {@code progress} hears of each step before it is done. Returns how the folder is then. */
    public TrustState run(Consumer<Step> progress) throws KeysException, IOException, InterruptedException {
        Set<Step> done = EnumSet.noneOf(Step.class);
        TrustState state = folder.load();
        for (Step step = next(state); step != Step.NOTHING && done.add(step); step = next(state)) {
            progress.accept(step);
            perform(step, state);
            state = folder.load();
        }
        return state;
    }

    Step next(TrustState state) {
        return Step.next(state, Step.Due.of(state, time.now(), messageKeyAge));
    }

    void perform(Step step, TrustState state) throws KeysException, IOException, InterruptedException {
        switch (step) {
            case FIND_AUTHORITY -> findAuthority(claim(state));
            case MAKE_TLS_KEY ->
                folder.put(
                        TrustFolder.NEXT + TrustFolder.TLS_KEY,
                        TlsKey.generate(random).toPem());
            case ENROL -> enrol(state);
            case RENEW -> renew(state);
            case TAKE_TLS -> takeTls(state);
            case FETCH_HUB -> fetchHub(state);
            case MAKE_MESSAGE_KEY ->
                folder.put(
                        TrustFolder.NEXT + TrustFolder.MESSAGE_KEY,
                        SigningKey.generate(random).toPem());
            case REQUEST -> folder.put(TrustFolder.NEXT_REQUEST, request(state).bytes());
            case REGISTER -> register(state);
            case TAKE_MESSAGE -> folder.takeMessage();
            case FORGET_CLAIM -> folder.delete(TrustFolder.CLAIM);
            default -> {}
        }
    }

    private static Claim claim(TrustState state) throws KeysException {
        return state.claim()
                .orElseThrow(() -> new KeysException(
                        Reason.FILES,
                        "this unit is not enrolled and has no claim",
                        "edge-agent enrol --hub https://HOST:PORT --code XXXX-XXXX-XXXX"));
    }

    // ---- the authority

    private void findAuthority(Claim claim) throws KeysException, IOException, InterruptedException {
        HubClient unverified = HubClient.unverified(claim.hub(), random);
        X509Certificate authority = claim.authority().isPresent()
                ? named(unverified.authorities(), claim.authority().get(), claim.hub())
                : unverified.pin(claim.code());
        // The second question is asked as all later ones are: a hub whose own certificate is not of its authority shows
        // here.
        String hash = HexFormat.of().formatHex(Certificates.keyHash(authority));
        named(
                HubClient.anonymous(claim.hub(), trust(List.of(authority)), random)
                        .authorities(),
                hash,
                claim.hub());
        folder.put(TrustFolder.AUTHORITIES, Certificates.toPem(List.of(authority)));
    }

    private static X509Certificate named(List<X509Certificate> authorities, String hash, URI hub) throws KeysException {
        return authorities.stream()
                .filter(each ->
                        HexFormat.of().formatHex(Certificates.keyHash(each)).equals(hash))
                .findFirst()
                .orElseThrow(() -> notTheHub("the authority of " + hub + " is not the one that the claim names ("
                        + hash.substring(0, 16) + "...)"));
    }

    private PeerTrust trust(List<X509Certificate> authorities) {
        return new PeerTrust(authorities, time.moment());
    }

    // ---- certificates

    private void enrol(TrustState state) throws KeysException, IOException, InterruptedException {
        Claim claim = claim(state);
        TlsKey key = state.nextTls().key().orElseThrow();
        HubClient hub = HubClient.anonymous(claim.hub(), trust(state.authorities()), random);
        List<X509Certificate> chain =
                chain(hub.enrol(CertificateRequest.make(claim.serial(), key).der(), claim), key, state);
        String name = Certificates.commonName(chain.get(0)).orElse("");
        if (!name.matches("[0-9a-f]{32}")) {
            throw notTheHub("the certificate's name must be the unit's id, 32 lower-case hexadecimal digits (got "
                    + name + ")");
        }
        folder.put(TrustFolder.NEXT + TrustFolder.TLS_CHAIN, Certificates.toPem(chain));
    }

    private void renew(TrustState state) throws KeysException, IOException, InterruptedException {
        TlsKey key = state.nextTls().key().orElseThrow();
        String unit = state.unit().map(Id16::hex).orElse("");
        List<X509Certificate> chain =
                chain(hub(state).renew(CertificateRequest.make(unit, key).der()), key, state);
        if (!Certificates.commonName(chain.get(0)).equals(Optional.of(unit))) {
            throw notTheHub("the new certificate is another unit's");
        }
        folder.put(TrustFolder.NEXT + TrustFolder.TLS_CHAIN, Certificates.toPem(chain));
    }

    /** With each new certificate the hub is asked what else is new: a vault that it did not have, a key that was missed. */
    private void takeTls(TrustState state) throws KeysException, IOException {
        if (state.enrolled()) {
            folder.wish(EnumSet.of(Wish.HUB));
        }
        folder.takeTls();
    }

    /** What came, the leaf first, without roots; refused unless it is for our key and from our authority. */
    private List<X509Certificate> chain(List<X509Certificate> came, TlsKey key, TrustState state) throws KeysException {
        List<X509Certificate> chain = new ArrayList<>();
        Optional<X509Certificate> next = came.stream()
                .filter(each -> each.getPublicKey().equals(key.publicKey()))
                .findFirst();
        while (next.isPresent() && chain.size() < Certificates.MOST) {
            X509Certificate last = next.get();
            chain.add(last);
            next = came.stream()
                    .filter(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                    .filter(each -> !each.getSubjectX500Principal().equals(each.getIssuerX500Principal()))
                    .filter(each -> !chain.contains(each))
                    .findFirst();
        }
        if (chain.isEmpty()) {
            throw notTheHub("the certificate that came is not for the key that was sent");
        }
        try {
            trust(state.authorities()).checkClientTrusted(chain.toArray(X509Certificate[]::new), "EC");
        } catch (CertificateException e) {
            throw notTheHub("the certificate that came is not from the hub's authority: " + e.getMessage());
        }
        return chain;
    }

    private HubClient hub(TrustState state) throws KeysException {
        Optional<URI> address = state.hub()
                .address()
                .map(HubAddress::enrolment)
                .or(() -> state.claim().map(Claim::hub));
        Optional<TlsIdentity> unit = state.identity();
        if (address.isEmpty() || unit.isEmpty()) {
            throw new KeysException(
                    Reason.FILES,
                    "the folder lacks " + TrustFolder.HUB + ", where the hub is",
                    "edge-agent enrol --hub URL");
        }
        return HubClient.as(unit.get(), address.get(), trust(state.authorities()), random);
    }

    // ---- the hub's own keys

    private void fetchHub(TrustState state) throws KeysException, IOException, InterruptedException {
        Id8 asked = Id8.random(random);
        HubAnswer answer;
        try {
            answer = HubAnswer.of(hub(state).hub(asked));
        } catch (IllegalArgumentException e) {
            throw notTheHub("the hub's answer cannot be read, or lacks its signing key: " + e.getMessage());
        }
        if (state.hub().key().isEmpty()) {
            begin(state, answer);
        } else {
            follow(state, answer, asked);
        }
        folder.grant(Wish.HUB);
    }

    /** The first trust is what enrolment gives. The hub's key goes in last of the two: from then on only what it has signed counts. */
    private void begin(TrustState state, HubAnswer answer) throws IOException {
        if (answer.vault().isPresent()) {
            folder.put(TrustFolder.VAULT_KEY, answer.vault().get().toPem());
        }
        keep(state, answer.mqtt(), answer.coap());
        folder.put(TrustFolder.HUB_KEY, answer.key().toPem());
    }

    /** A change of what is held is taken only from what is held. */
    private void follow(TrustState state, HubAnswer answer, Id8 asked) throws KeysException, IOException {
        Id16 unit = state.unit().orElseThrow();
        Set<VerifyKey> held = state.hub().believed();
        if (!answer.isOf(held, unit)) {
            throw notTheHub("the hub says that it signs with " + answer.key()
                    + ", and none of the keys that this unit holds has signed for that one");
        }
        if (answer.signed().isPresent()) {
            if (!answer.isSignedFor(unit, asked)) {
                throw notTheHub("what the hub tells of itself is not signed by its " + answer.key()
                        + ", or answers another question");
            }
            HubStatement.Said said = answer.signed().get().said();
            if (said.vault().isPresent() && !said.vault().equals(state.hub().vault())) {
                folder.put(TrustFolder.VAULT_KEY, said.vault().get().toPem());
                Logger.info("cards are sealed to {} from now on", said.vault().get());
            }
            keep(state, Optional.of(said.mqtt()), said.coap());
        } else {
            Logger.warn(
                    "the hub has not signed what it tells of itself (a program of an earlier version?): vault key and"
                            + " addresses stay as they are");
        }
        if (!held.contains(answer.key())) {
            folder.nextHubKey(new NextHubKey(answer.key(), 0));
        }
    }

    private void keep(TrustState state, Optional<String> mqtt, Optional<String> coap) throws IOException {
        URI enrolment = state.hub()
                .address()
                .map(HubAddress::enrolment)
                .orElseGet(() -> state.claim().map(Claim::hub).orElseThrow());
        HubAddress address = new HubAddress(enrolment, mqtt, coap);
        if (!state.hub().address().equals(Optional.of(address))) {
            folder.put(TrustFolder.HUB, address.toJson());
        }
    }

    // ---- the message key

    private KeyRegistration request(TrustState state) {
        Id16 unit = state.unit().orElseThrow();
        SigningKey key = state.nextMessage().key().orElseThrow();
        Id8 fresh = Id8.random(random);
        return state.message()
                .key()
                .map(present -> KeyRegistration.next(unit, key, fresh, present))
                .orElseGet(() -> KeyRegistration.first(unit, key, fresh));
    }

    private void register(TrustState state) throws KeysException, IOException, InterruptedException {
        KeyRegistration request = state.request().orElseThrow();
        byte[] answer = hub(state).register(request.bytes());
        try {
            KeyConfirmation confirmation = KeyConfirmation.parse(answer);
            boolean signed =
                    state.hub().believed().stream().anyMatch(key -> confirmation.verify(Ed25519Verifier.INSTANCE, key));
            if (!signed || !confirmation.answers(request)) {
                throw notTheHub("the confirmation of the message key is not the hub's, or answers another request");
            }
        } catch (WireException e) {
            throw notTheHub("the confirmation of the message key cannot be read: " + e.getMessage());
        }
        folder.put(TrustFolder.NEXT + TrustFolder.CONFIRMATION, Arrays.copyOf(answer, answer.length));
    }

    private static KeysException notTheHub(String error) {
        return new KeysException(Reason.NOT_THE_HUB, error, "the hub's address, and at the hub: hub-bridge units list");
    }
}
