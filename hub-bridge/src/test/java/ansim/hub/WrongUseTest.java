package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrongUseTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "units import f.csv --data d --days 0",
                "units import f.csv --data d --days 366",
                "units claim-pin --data d --hours 99",
                "units claim-pin --data d --hours 0",
                "deliveries replay --data d --from yesterday",
                "ledger list --data d --last 0"
            })
    void aNumberOrTimeOutOfItsRangeIsWrongUseAndEndsWith2(String words) {
        Ran ran = Ran.of(words.split(" ", -1));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains("Try: hub-bridge "), ran.err());
    }
}
