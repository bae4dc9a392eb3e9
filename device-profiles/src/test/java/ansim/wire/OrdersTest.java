package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of the verbs that a unit carries out. */
class OrdersTest {
    private static OtherVerb verb(int number, String body) {
        return new OtherVerb(number, Bytes.of(Diag.encode(body)));
    }

    @Test
    void anOutputIsNamedAndSwitchedForATimeOrWithoutOne() throws WireException {
        assertEquals(
                new OutputOrder("siren", true, OptionalLong.of(600)),
                OutputOrder.of(verb(4, "{1: \"siren\", 2: true, 3: 600}")));
        assertEquals(
                new OutputOrder("siren", false, OptionalLong.empty()),
                OutputOrder.of(verb(4, "{1: \"siren\", 2: false, 9: \"room to grow\"}")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{1: \"siren\"}",
                "{2: true}",
                "{1: \"\", 2: true}",
                "{1: \"a name of more than thirty-two byte\", 2: true}",
                "{1: \"siren\", 2: 1}",
                "{1: \"siren\", 2: true, 3: -1}",
                "{1: \"siren\", 2: true, 3: 4294967296}",
                "{1: \"siren\", 2: true, -1: true}"
            })
    void anythingElseIsRefused(String body) {
        assertThrows(WireException.class, () -> OutputOrder.of(verb(4, body)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2: [375000000, 1270000000, 500]",
                "3: [375000000, 1270000000, 375100000, 1270000000, 375100000, 1270100000]"
            })
    void anAlertEndsAtItsTimeWhateverItsArea(String area) throws WireException {
        String body = "{1: h'0102030405060708', " + area + ", 4: 1800000030, 5: 2, 6: {\"en\": \"x\"}, 7: \"flood\"}";
        assertEquals(new Alert(Id8.parse("0102030405060708"), 1_800_000_030L), Alert.of(verb(2, body)));
    }

    @Test
    void anAlertWithoutAnEndOrWithAKeyThatMustBeUnderstoodIsRefused() {
        assertThrows(WireException.class, () -> Alert.of(verb(2, "{1: h'0102030405060708'}")));
        assertThrows(WireException.class, () -> Alert.of(verb(2, "{1: h'0102030405060708', 4: 1, -1: 1}")));
    }

    @Test
    void commissioningLastsFromNothingToHalfAnHour() throws WireException {
        for (int seconds : new int[] {0, 1, 1_800}) {
            CommissioningOrder order = new CommissioningOrder(seconds);
            assertEquals(order, CommissioningOrder.of(verb(10, "{1: " + seconds + "}")));
            assertEquals(verb(10, "{1: " + seconds + "}"), order.verb());
        }
        assertThrows(IllegalArgumentException.class, () -> new CommissioningOrder(1_801));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{1: -1}", "{1: 1801}", "{1: true}", "{1: 5, -1: 0}"})
    void noOtherTimeIsTaken(String body) {
        assertThrows(WireException.class, () -> CommissioningOrder.of(verb(10, body)));
    }
}
