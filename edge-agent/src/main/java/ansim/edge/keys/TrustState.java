package ansim.edge.keys;

import ansim.trust.Certificates;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.NextHubKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What lies in the folder of keys, and what is in force by it.
 *
 * <p>Two files cannot be replaced in one moment, so what is in force follows from which of them belong together: at every moment of a
 * renewal exactly one certificate goes with a key that is there, and the message key is the newest that has a confirmation. Pure.
 *
 * @param tls the key for connections and its chain as last completed
 * @param nextTls the same while they are being renewed
 * @param message the message key and the hub's confirmation of it
 * @param nextMessage the same while it is being renewed
 * @param request the registration of the next message key, as it was or will be sent
 * @param authorities who may call itself the hub
 * @param hub the hub's signing key and where the hub is
 * @param claim the right to enrol that is being used
 * @param wishes what is to be renewed though it is not due
 */
public record TrustState(
        Tls tls,
        Tls nextTls,
        Message message,
        Message nextMessage,
        Optional<KeyRegistration> request,
        List<X509Certificate> authorities,
        Hub hub,
        Optional<Claim> claim,
        Set<Wish> wishes) {
    /** What may be asked for. */
    public enum Wish {
        CERTIFICATE,
        MESSAGE_KEY,
        /** Who the hub is, told by itself over a connection that the authority vouches for. */
        HUB
    }

    /** A key and a chain that may or may not be its own; the chain is empty when there is none. */
    record Tls(Optional<TlsKey> key, List<X509Certificate> chain) {}

    /** A key and a confirmation that may or may not be its own. */
    record Message(Optional<SigningKey> key, Optional<KeyConfirmation> confirmation) {}

    /**
     * The hub.
     *
     * @param key signs what comes down
     * @param next will, or does already
     * @param vault what cards are sealed to; units that read none, or came in before there was a vault, have none
     */
    record Hub(
            Optional<VerifyKey> key,
            Optional<NextHubKey> next,
            Optional<HubAddress> address,
            Optional<SealingKey> vault) {
        /** The keys that may sign for the hub. */
        Set<VerifyKey> believed() {
            Set<VerifyKey> keys = new HashSet<>();
            key.ifPresent(keys::add);
            next.map(NextHubKey::key).ifPresent(keys::add);
            return keys;
        }
    }

    public TrustState {
        authorities = List.copyOf(authorities);
        wishes = Set.copyOf(wishes);
    }

    /** Who the unit is on connections. */
    public Optional<TlsIdentity> identity() {
        return pair(nextTls.key(), nextTls.chain())
                .or(() -> pair(tls.key(), nextTls.chain()))
                .or(() -> pair(tls.key(), tls.chain()));
    }

    private static Optional<TlsIdentity> pair(Optional<TlsKey> key, List<X509Certificate> chain) {
        return key.filter(
                        each -> !chain.isEmpty() && chain.get(0).getPublicKey().equals(each.publicKey()))
                .map(each -> new TlsIdentity(each, chain));
    }

    /** Whether a new certificate has come and its files have not all got their names yet. */
    boolean tlsToTake() {
        return pair(nextTls.key(), nextTls.chain()).isPresent()
                || pair(tls.key(), nextTls.chain()).isPresent();
    }

    /** The unit's id: its certificate's name. */
    public Optional<Id16> unit() {
        return identity().flatMap(TrustState::unit);
    }

    private static Optional<Id16> unit(TlsIdentity identity) {
        return Certificates.commonName(identity.leaf())
                .filter(name -> name.matches("[0-9a-f]{32}"))
                .map(Id16::parse);
    }

    /** The key that signs messages: never one whose confirmation is not there. */
    public Optional<SigningKey> signer() {
        return messageToTake() && nextMessage.key().isPresent() ? nextMessage.key() : message.key();
    }

    /** Whether a confirmation has come and its files have not all got their names yet. */
    boolean messageToTake() {
        return confirms(nextMessage.confirmation(), nextMessage.key())
                || confirms(nextMessage.confirmation(), message.key());
    }

    private static boolean confirms(Optional<KeyConfirmation> confirmation, Optional<SigningKey> key) {
        Optional<Id8> kid = key.map(each -> each.verifyKey().kid());
        return kid.isPresent() && kid.equals(confirmation.map(KeyConfirmation::key));
    }

    /** Since when the key that signs is in force at the hub. */
    public Optional<Instant> signerSince() {
        Optional<KeyConfirmation> in = messageToTake() ? nextMessage.confirmation() : message.confirmation();
        return in.map(KeyConfirmation::at);
    }

    /** Whether the request is for the key that is being registered, by this unit. */
    boolean requested() {
        Optional<Id8> kid = nextMessage.key().map(each -> each.verifyKey().kid());
        return kid.isPresent()
                && request.map(each -> each.key().kid()).equals(kid)
                && request.map(KeyRegistration::unit).equals(unit());
    }

    /** Whether the unit has all that it needs to work. */
    public boolean enrolled() {
        return unit().isPresent()
                && signer().isPresent()
                && !authorities.isEmpty()
                && hub.key().isPresent()
                && hub.address().isPresent();
    }

    /** Where the hub takes messages over MQTT, as it told at the enrolment. */
    public Optional<String> uplink() {
        return hub.address().flatMap(HubAddress::mqtt);
    }

    /** Whether a renewal is under way, or was asked for. */
    public boolean renewing() {
        return nextTls.key().isPresent() || nextMessage.key().isPresent() || !wishes.isEmpty();
    }

    /** When the certificate ends; {@link Instant#EPOCH} without one. */
    public Instant certificateEnd() {
        return identity().map(each -> each.leaf().getNotAfter().toInstant()).orElse(Instant.EPOCH);
    }

    /** When it is time for the next certificate: at two thirds of the life of this one. */
    public Instant renewalDue() {
        Optional<X509Certificate> leaf = identity().map(TlsIdentity::leaf);
        return leaf.map(each -> {
                    Instant begin = each.getNotBefore().toInstant();
                    Duration life = Duration.between(begin, each.getNotAfter().toInstant());
                    return begin.plus(life.multipliedBy(2).dividedBy(3));
                })
                .orElse(Instant.EPOCH);
    }

    @Override
    public String toString() {
        return "keys of unit " + unit().map(Id16::hex).orElse("none");
    }
}
