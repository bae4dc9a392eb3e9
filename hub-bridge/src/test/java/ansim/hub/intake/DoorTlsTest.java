package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The door with TLS: who is let in, as whom, and until when. */
final class DoorTlsTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NOT_AUTHORIZED_5 = 0x87;
    private static final int NOT_AUTHORIZED_3 = 5;

    private volatile Instant now = Instant.parse("2026-11-27T00:00:00Z");
    private final Authority authority = Authority.found("hub", TlsKey.generate(RANDOM), now, RANDOM);
    private volatile TlsIdentity hub = door(authority);
    private final Journal log;
    private final Intake intake;
    private MqttDoor door;

    DoorTlsTest(@TempDir Path folder) throws IOException {
        log = Journal.open(folder.resolve("log"), Rig.OPTIONS, JournalFiles.real());
        intake = Intake.start(
                log,
                folder.resolve("snapshots"),
                SigningKey.generate(RANDOM),
                new CompletableFuture<Throwable>()::complete);
        door = open(DoorTls.Engine.AUTO);
    }

    private TlsIdentity door(Authority by) {
        TlsKey key = TlsKey.generate(RANDOM);
        return new TlsIdentity(key, List.of(by.server(key.publicKey(), List.of("localhost"), now)));
    }

    private MqttDoor open(DoorTls.Engine engine) throws IOException {
        return intake.openMqtt(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                10,
                new DoorTls(
                        () -> hub, new PeerTrust(List.of(authority.certificate()), PeerTrust.now(() -> now)), engine),
                () -> now);
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        intake.close();
        log.close();
    }

    private TestUnit registered() throws Exception {
        TestUnit unit = new TestUnit();
        intake.change(new Input.UnitChange(now.toEpochMilli(), unit.record())).get(30, TimeUnit.SECONDS);
        return unit;
    }

    private TlsIdentity identity(Authority by, Id16 unit) {
        TlsKey key = TlsKey.generate(RANDOM);
        return new TlsIdentity(key, List.of(by.unit(key.publicKey(), unit.hex(), now)));
    }

    private PeerTrust trust() {
        return new PeerTrust(List.of(authority.certificate()), PeerTrust.now(() -> now));
    }

    private MqttClient client(SSLContext context) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort());
        socket.startHandshake();
        return new MqttClient(socket);
    }

    private MqttClient client(TlsIdentity identity) throws IOException {
        return client(identity.context(trust(), RANDOM));
    }

    private void awaitCount(String name, long atLeast) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (intake.counts().getOrDefault(name, 0L) < atLeast) {
            assertTrue(System.nanoTime() < deadline, name + " in " + intake.counts());
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    /** Whether the hub hears nothing of it: with TLS 1.3 the client learns it with its first read. */
    private void assertNotLetIn(SSLContext context, TestUnit unit, String counter) throws Exception {
        long before = intake.counts().getOrDefault(counter, 0L);
        IOException refused = assertThrows(IOException.class, () -> {
            try (MqttClient client = client(context)) {
                client.connect(MqttClient.V5, unit);
            }
        });
        assertTrue(
                refused instanceof SSLException
                        || refused instanceof SocketException
                        || refused instanceof EOFException,
                refused.toString());
        awaitCount(counter, before + 1);
    }

    @ParameterizedTest
    @EnumSource
    void aUnitComesInWithItsOwnCertificateAndItsMessagesAreStored(DoorTls.Engine engine) throws Exception {
        door.close();
        door = open(engine);
        TestUnit unit = registered();
        long entries = log.durableIndex();
        try (MqttClient client = client(identity(authority, unit.id))) {
            assertEquals(0, client.connect(MqttClient.V3, unit).at(1));
            client.subscribe(unit);
            client.publish(7, unit.chain(Lane.EVENT).next());
            client.pubackedPastReceipts(7);
        }
        assertEquals(entries + 1, log.durableIndex());
    }

    @ParameterizedTest
    @EnumSource
    void whoHasNoCertificateOrAnothersAuthoritysOrOneThatHasEndedIsNotLetIn(DoorTls.Engine engine) throws Exception {
        door.close();
        door = open(engine);
        TestUnit unit = registered();
        Authority stranger = Authority.found("hub", TlsKey.generate(RANDOM), now, RANDOM);
        assertNotLetIn(TlsIdentity.anonymous(trust(), RANDOM), unit, "refused-handshake");
        assertNotLetIn(identity(stranger, unit.id).context(trust(), RANDOM), unit, "refused-certificate");
        TlsIdentity old = identity(authority, unit.id);
        now = now.plus(Authority.LEAF_LIFE).plusSeconds(1);
        hub = door(authority);
        assertNotLetIn(old.context(trust(), RANDOM), unit, "refused-certificate-expired");
    }

    @Test
    void anIntruderWithAnotherUnitsCertificateIsNeitherThatUnitNorCanSpeakOrListenForIt() throws Exception {
        TestUnit victim = registered();
        TestUnit intruder = registered();
        TlsIdentity identity = identity(authority, intruder.id);
        for (int version : new int[] {MqttClient.V3, MqttClient.V5}) {
            try (MqttClient client = client(identity)) {
                int code = client.connect(version, victim).at(1);
                assertEquals(version == MqttClient.V5 ? NOT_AUTHORIZED_5 : NOT_AUTHORIZED_3, code);
                assertTrue(client.isClosedByHub());
            }
        }
        awaitCount("refused-other-certificate", 2);
        long entries = log.durableIndex();
        try (MqttClient client = client(identity)) {
            client.connect(MqttClient.V5, intruder);
            client.send(client.subscribePacket(1, Topics.down(victim.id), "ansim/1/d/#", "#"));
            MqttClient.Packet suback = client.read(MqttClient.SUBACK);
            for (int i = 3; i < suback.body().length; i++) {
                assertTrue(suback.at(i) >= 0x80, "filter " + (i - 3));
            }
            byte[] stolen = victim.chain(Lane.EVENT).next().bytes();
            client.send(client.publishPacket(0x02, Topics.up(victim.id, Lane.EVENT), 2, stolen));
            assertNotEquals(0, client.read(MqttClient.PUBACK).body().length - 2, "refused with a reason");
            client.send(client.publishPacket(0x02, Topics.up(intruder.id, Lane.EVENT), 3, stolen));
            client.readPuback();
        }
        awaitCount("refused-other-unit", 1);
        awaitCount("refused-topic", 1);
        assertEquals(entries, log.durableIndex());
    }

    @Test
    void aUnitThatTheLogDoesNotKnowIsRefusedWithAReason() throws Exception {
        TestUnit unit = new TestUnit();
        try (MqttClient client = client(identity(authority, unit.id))) {
            assertEquals(NOT_AUTHORIZED_5, client.connect(MqttClient.V5, unit).at(1));
        }
        awaitCount("refused-not-registered", 1);
    }

    @Test
    void aRevocationEndsTheConnectionAndKeepsTheUnitOutUntilTrustIsRestored() throws Exception {
        TestUnit unit = registered();
        TlsIdentity identity = identity(authority, unit.id);
        try (MqttClient client = client(identity)) {
            client.connect(MqttClient.V5, unit);
            intake.change(new Input.UnitChange(now.toEpochMilli(), unit.record().revoke()))
                    .get(30, TimeUnit.SECONDS);
            assertTrue(client.isClosedByHub());
        }
        awaitCount("refused-shut-out", 1);
        try (MqttClient client = client(identity)) {
            assertEquals(NOT_AUTHORIZED_5, client.connect(MqttClient.V5, unit).at(1));
        }
        intake.change(new Input.UnitChange(now.toEpochMilli(), unit.record())).get(30, TimeUnit.SECONDS);
        try (MqttClient client = client(identity)) {
            assertEquals(0, client.connect(MqttClient.V5, unit).at(1));
        }
    }

    @Test
    void aConnectionEndsWithItsCertificate() throws Exception {
        TestUnit unit = registered();
        try (MqttClient client = client(identity(authority, unit.id))) {
            client.connect(MqttClient.V5, unit);
            now = now.plus(Authority.LEAF_LIFE).plusSeconds(1);
            assertTrue(client.isClosedByHub());
        }
        awaitCount("refused-certificate-expired", 1);
    }

    @Test
    void aNewIdentityOfTheDoorIsTakenUpWithoutARestartAndOldConnectionsStay() throws Exception {
        TestUnit unit = registered();
        TestUnit other = registered();
        try (MqttClient before = client(identity(authority, unit.id))) {
            before.connect(MqttClient.V5, unit);
            X509Certificate first = serverOf(identity(authority, other.id));
            hub = door(authority);
            X509Certificate second = serverOf(identity(authority, other.id));
            assertNotEquals(first, second);
            assertEquals(hub.leaf(), second);
            before.ping();
            before.read(MqttClient.PINGRESP);
        }
    }

    private X509Certificate serverOf(TlsIdentity identity) throws IOException {
        SSLContext context = identity.context(trust(), RANDOM);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void plaintextOnADoorWithTlsIsCountedAndClosed() throws Exception {
        try (MqttClient client = new MqttClient(door.address().getPort())) {
            client.send(MqttClient.connectPacket(MqttClient.V3, registered().id.hex(), 60));
            assertTrue(client.isClosedByHub());
        }
        awaitCount("refused-handshake", 1);
        assertTrue(Limits.STILL_ALLOWED_EVERY.compareTo(Duration.ofSeconds(60)) < 0);
    }
}
