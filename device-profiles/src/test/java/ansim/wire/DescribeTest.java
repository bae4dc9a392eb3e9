package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DescribeTest {
    private static Map<String, Object> up(String name) throws WireException {
        return Describe.fields(UpMessage.parse(Vectors.hex(name)));
    }

    @Test
    void aPanicReadsLikeThis() throws WireException {
        assertEquals(
                """
                typ: ansim.up.v1
                kid: %s
                unit: 00112233445566778899aabbccddeeff
                lane: alarm
                chain: a1a1a1a1a1a1a1a1
                n: 1
                boot: b0b1b2b3b4b5b6b7
                timeQuality: gnss
                time: 2025-11-23T06:00:00Z
                monotonicMs: 123456
                records:
                  - kind: panic
                    dtMs: 0
                    time: 2025-11-23T06:00:00Z
                    alarm: d1d2d3d4d5d6d7d8
                    phase: raised
                    origin: rider
                    pattern: long
                    lat: 37.5665000
                    lon: 126.9780000
                    accuracyM: 2.5
                    positionAgeS: 3
                    ride: 1011121314151617
                payloadHash: %s
                """.formatted(
                                Seal.UNIT.verifyKey().kid(),
                                UpMessage.parse(Vectors.hex("panic")).payloadHash()),
                Describe.text(up("panic")));
    }

    @Test
    void aReceiptReadsLikeThisInJson() throws WireException {
        assertEquals(
                "{\"typ\":\"ansim.down.v1\",\"kid\":\"" + Seal.HUB.verifyKey().kid()
                        + "\",\"issuer\":\"hub\",\"unit\":\"00112233445566778899aabbccddeeff\","
                        + "\"issued\":\"2025-11-23T06:00:00Z\",\"generation\":1763877600,\"number\":0,\"verb\":1,"
                        + "\"alarm\":[{\"chain\":\"a1a1a1a1a1a1a1a1\",\"hash\":\"0000000000000000\",\"n\":1}],"
                        + "\"event\":[{\"chain\":\"a2a2a2a2a2a2a2a2\",\"hash\":\"0001020304050607\",\"n\":70000},"
                        + "{\"chain\":\"a9a9a9a9a9a9a9a9\",\"hash\":\"08090a0b0c0d0e0f\",\"n\":2}],"
                        + "\"status\":[{\"chain\":\"0000000000000007\",\"hash\":\"0000000000000000\",\"n\":300}]}",
                Describe.json(Describe.fields(DownMessage.parse(Vectors.hex("receipt")))));
    }

    @Test
    void everyVectorHasBothForms() throws WireException {
        for (String name : Vectors.up().keySet()) {
            assertTrue(Describe.text(up(name)).contains("records:\n"), name);
            assertTrue(Describe.json(up(name)).contains("\"records\":[{"), name);
        }
        for (String name : Vectors.down().keySet()) {
            Map<String, Object> down = Describe.fields(DownMessage.parse(Vectors.hex(name)));
            assertTrue(Describe.text(down).contains("verb: "), name);
        }
    }

    @Test
    void aTimeThatNobodyKnowsIsNotShown() throws WireException {
        String text = Describe.text(up("panic-undated-in-memory"));
        assertTrue(text.contains("timeQuality: unknown"));
        assertTrue(text.contains("memoryOnly: true"));
        assertFalse(text.contains("time: 1970"));
    }

    @Test
    void textFromOutsideCannotMoveATerminalsCursor() {
        assertEquals("name: \uFFFD[31m문\n", Describe.text(Map.of("name", "\u001b[31m문")));
    }

    @Test
    void aCardIsShownByItsLengthOnly() throws WireException {
        String json = Describe.json(up("boarded-second"));
        assertTrue(json.contains("\"sealedCardBytes\":100"), json);
        assertFalse(json.contains("00010203"), json);
    }
}
