package ansim.hub.enrol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.hub.view.Registry;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.OpeningKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The EST part of the protocol by openssl and curl alone: whoever speaks RFC 7030 can take either end. */
final class ForeignClientTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final SigningKey KEY = SigningKey.generate(RANDOM);
    private static final SealingKey VAULT = OpeningKey.generate(RANDOM).sealingKey();
    private static final long PATIENCE_S = 120;

    /** What a box does, in a shell: from the twelve characters to a certificate, then a new one for a new key. */
    private static final String SCRIPT = """
            set -eu -o pipefail
            D=$(openssl kdf -keylen 48 -kdfopt digest:SHA256 -kdfopt "pass:$CODE" -kdfopt salt:ansim.claim.v1 \\
              -kdfopt iter:1000 PBKDF2 | tr -d ':\\n' | tr A-F a-f)
            LOCATOR=${D:0:16}
            SECRET=$(printf "$(printf %s "${D:16:48}" | sed 's/../\\\\x&/g')" | openssl base64 -A | tr '+/' '-_' | tr -d '=')
            curl -sSf --cacert believed.pem "$URL/.well-known/est/cacerts" -D headers -o ca.p7
            grep -qi 'content-type: application/pkcs7-mime' headers
            grep -qi 'content-transfer-encoding: base64' headers
            openssl base64 -d -in ca.p7 | openssl pkcs7 -inform DER -print_certs -out ca.pem
            openssl ecparam -name prime256v1 -genkey -noout -out one.key
            openssl req -new -key one.key -subj /CN=BOX-1 -outform DER | openssl base64 > one.b64
            curl -sSf --cacert ca.pem -u "BOX-1/$LOCATOR:$SECRET" -H 'Content-Type: application/pkcs10' \\
              --data-binary @one.b64 -o one.p7 "$URL/.well-known/est/simpleenroll"
            openssl base64 -d -in one.p7 | openssl pkcs7 -inform DER -print_certs -out one.crt
            openssl verify -purpose sslclient -CAfile ca.pem one.crt
            curl -sSf --cacert ca.pem --cert one.crt --key one.key "$URL/ansim/v1/hub" -o hub.json
            UNIT=$(openssl x509 -in one.crt -noout -subject | sed 's/.*CN = //')
            openssl ecparam -name prime256v1 -genkey -noout -out two.key
            openssl req -new -key two.key -subj "/CN=$UNIT" -outform DER | openssl base64 > two.b64
            curl -sSf --cacert ca.pem --cert one.crt --key one.key -H 'Content-Type: application/pkcs10' \\
              --data-binary @two.b64 -o two.p7 "$URL/.well-known/est/simplereenroll"
            openssl base64 -d -in two.p7 | openssl pkcs7 -inform DER -print_certs -out two.crt
            openssl verify -purpose sslclient -CAfile ca.pem two.crt
            curl -sS -o wrong.txt -w '%{http_code}' --cacert ca.pem -u "BOX-1/$LOCATOR:wrong" --data-binary @one.b64 \\
              "$URL/.well-known/est/simpleenroll" > wrong.code
            curl -sS -o none.txt -w '%{http_code}' --cacert ca.pem "$URL/ansim/v1/hub" > none.code
            """;

    private final Path folder;
    private final Authority authority = Authority.found("hub", TlsKey.generate(RANDOM), Instant.now(), RANDOM);
    private final Registry registry;
    private final EnrolmentDoor door;

    ForeignClientTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        TlsKey key = TlsKey.generate(RANDOM);
        TlsIdentity identity =
                new TlsIdentity(key, List.of(authority.server(key.publicKey(), List.of("localhost"), Instant.now())));
        registry = Registry.open(folder.resolve("registry.db"));
        door = EnrolmentDoor.start(
                new EnrolmentDoor.Site(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> identity),
                new Enrolment.Tools(
                        registry,
                        authority,
                        List.of(authority.certificate()),
                        unit -> KEY,
                        () -> CompletableFuture.completedFuture(null),
                        Instant::now,
                        RANDOM),
                new Directions(
                        () -> List.of(new Directions.Dated(KEY, Instant.EPOCH)),
                        () -> Optional.of(VAULT),
                        "tls://localhost:8883",
                        Optional.empty()));
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        registry.close();
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    @Test
    void opensslAndCurlEnrolAndRenewWithNothingOfOurs() throws Exception {
        assumeTrue(runs("bash", "--version"), "bash is not installed");
        assumeTrue(runs("curl", "--version"), "curl is not installed");
        assumeTrue(runs("openssl", "kdf", "-help"), "openssl 3 is not installed");
        ClaimCode code = ClaimCode.random(RANDOM);
        registry.claims()
                .take(
                        List.of(new Claims.Wish(
                                new UnitRecord.Service("1", "", "taxi", Optional.empty()),
                                Optional.empty(),
                                Optional.of(Claims.Proof.of(code)),
                                Optional.empty(),
                                Long.MAX_VALUE)),
                        Map.of(),
                        0);
        Files.writeString(folder.resolve("believed.pem"), Certificates.toPem(List.of(authority.certificate())));
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", SCRIPT).directory(folder.toFile());
        shell.environment().put("URL", "https://localhost:" + door.port());
        shell.environment().put("CODE", code.digits());
        Process box = shell.redirectErrorStream(true).start();
        String said = new String(box.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(box.waitFor(PATIENCE_S, TimeUnit.SECONDS));
        assertEquals(0, box.exitValue(), said);
        String unit = registry.units().get(0).unit().unit().hex();
        for (String file : List.of("one.crt", "two.crt")) {
            assertEquals(
                    Optional.of(unit),
                    Certificates.commonName(Certificates.fromPem(read(file)).get(0)));
        }
        assertEquals(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("hub", KEY.verifyKey().toPem())
                        .put("vault", VAULT.toPem())
                        .put("mqtt", "tls://localhost:8883"),
                new ObjectMapper().readTree(read("hub.json")));
        assertEquals("401", read("wrong.code"));
        assertEquals("401", read("none.code"));
        assertEquals(1L, door.counts().get("enrolled"));
        assertEquals(1L, door.counts().get("certificates-renewed"));
        assertEquals(1L, door.counts().get("enrolment-refused-claim"));
        assertEquals(1L, door.counts().get("enrolment-refused-certificate"));
    }
}
