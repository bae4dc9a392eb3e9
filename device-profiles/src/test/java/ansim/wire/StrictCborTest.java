package ansim.wire;

import static ansim.wire.GoldenTest.assertReason;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples of RFC 8949 appendix A where it has them. */
class StrictCborTest {
    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // integers at every change of length
                "00",
                "17",
                "1818",
                "18ff",
                "190100",
                "19ffff",
                "1a00010000",
                "1affffffff",
                "1b0000000100000000",
                "1bffffffffffffffff",
                "20",
                "37",
                "3818",
                "38ff",
                "390100",
                "39ffff",
                "3a00010000",
                "3b0000000100000000",
                "3bffffffffffffffff",
                // strings
                "40",
                "4401020304",
                "60",
                "6161",
                "62c3bc",
                "63e6b0b4",
                "64f0908591",
                // arrays and maps, keys in the order of their bytes
                "80",
                "83010203",
                "8301820203820405",
                "a0",
                "a201020304",
                "a26161016162820203",
                "a8 00f6 17f6 1818f6 190100f6 20f6 3818f6 40f6 60f6",
                "a2 6162f6 626161f6",
                "a2 80f6 a0f6",
                // simple values
                "f4",
                "f5",
                "f6",
                "f7",
                // floats in their shortest form
                "f90000",
                "f98000",
                "f93c00",
                "f97bff",
                "f90001",
                "f90400",
                "f97c00",
                "f9fc00",
                "f97e00",
                "fa47c35000",
                "fa7f7fffff",
                "fa33000000",
                "fa38801000",
                "fb3ff199999999999a",
                "fb7e37e43c8800759c",
                "fbc010666666666666"
            })
    void deterministicItemsPass(String hex) throws WireException {
        assertArrayEquals(bytes(hex), StrictCbor.item(bytes(hex), 0).encoded());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // numbers and lengths longer than needed
                "1800",
                "1817",
                "190000",
                "1900ff",
                "1a00000000",
                "1a0000ffff",
                "1b0000000000000000",
                "1b00000000ffffffff",
                "3800",
                "3817",
                "3900ff",
                "3a0000ffff",
                "3b00000000ffffffff",
                "5800",
                "5801ff",
                "590001ff",
                "7800",
                "780161",
                "9800",
                "980100",
                "b800",
                "b8010000",
                // indefinite lengths
                "5fff",
                "5f4100ff",
                "7fff",
                "7f6161ff",
                "9fff",
                "9f00ff",
                "bfff",
                "bf0000ff",
                "ff",
                "81ff",
                // reserved heads
                "1c",
                "1d",
                "1e",
                "1f",
                "3c",
                "3f",
                "5c",
                "5d",
                "5e",
                "7c",
                "9c",
                "bc",
                "dc",
                "fc",
                "fd",
                "fe",
                // tags
                "c000",
                "c11a514b67b0",
                "d2 80",
                "d81800",
                "81c100",
                "a1c10000",
                "a100c100",
                // simple values that mean nothing, and in the wrong form
                "e0",
                "f3",
                "f800",
                "f814",
                "f818",
                "f81f",
                "f820",
                "f8ff",
                "81f8ff",
                "a1f8ff00",
                // floats longer than needed, and other NaNs
                "f97e01",
                "f97c01",
                "f9fe00",
                "fa00000000",
                "fa80000000",
                "fa3f800000",
                "fa7f800000",
                "fa7fc00000",
                "fa477fe000",
                "fa33800000",
                "fa38800000",
                "fb0000000000000000",
                "fb3ff0000000000000",
                "fb7ff0000000000000",
                "fb7ff8000000000000",
                "fb40f86a0000000000",
                // duplicate keys and keys out of order
                "a2 00f6 00f6",
                "a2 01f6 00f6",
                "a2 6161f6 6161f6",
                "a2 6162f6 6161f6",
                "a2 626161f6 6162f6",
                "a2 20f6 00f6",
                "a2 60f6 00f6",
                "a2 1818f6 17f6",
                "a3 00f6 01f6 01f6",
                "81a2 00f6 00f6",
                "a1 00a2 00f6 00f6",
                "a2 a20000000000 00f6",
                // not UTF-8: lone continuation, overlong, surrogate, beyond U+10FFFF, cut short
                "6180",
                "62c080",
                "62c1bf",
                "63eda080",
                "63edbfbf",
                "64f4908080",
                "61c3",
                "62e6b0",
                "61ff",
                // cut short
                "",
                "18",
                "19",
                "1901",
                "1a000100",
                "1b00000001000000",
                "41",
                "4301 02",
                "61",
                "81",
                "8201",
                "a1",
                "a100",
                "a20000",
                "9b0000000100000000",
                "9bffffffffffffffff",
                "5bffffffffffffffff",
                "5b7fffffffffffffff",
                "bbffffffffffffffff",
                "7bffffffffffffffff",
                "5affffffff",
                "f9",
                "f97c",
                "fa47c350",
                "fb3ff1",
                // something behind the end
                "0000",
                "00ff",
                "8000",
                "a0f6",
                "60 00"
            })
    void everythingElseIsRefused(String hex) {
        assertReason(WireException.Reason.ENCODING, () -> StrictCbor.item(bytes(hex), 0));
    }

    @Test
    void eightNestedContainersPassAndNineDoNot() throws WireException {
        String eight = "81".repeat(StrictCbor.MAX_DEPTH - 1);
        assertEquals(8, StrictCbor.MAX_DEPTH);
        StrictCbor.item(bytes(eight + "80"), 0);
        StrictCbor.item(bytes(eight + "8100"), 0);
        StrictCbor.item(bytes("a100".repeat(8) + "00"), 0);
        assertReason(WireException.Reason.ENCODING, () -> StrictCbor.item(bytes(eight + "8180"), 0));
        assertReason(WireException.Reason.ENCODING, () -> StrictCbor.item(bytes("a100".repeat(9) + "00"), 0));
        assertReason(WireException.Reason.ENCODING, () -> StrictCbor.item(bytes("81".repeat(8000) + "80"), 0));
    }

    @Test
    void anOddNumberOfMapEntriesCannotHideBehindAWrappedCount() {
        // 2^63 pairs are 0 items when doubled in 64 bits.
        assertReason(WireException.Reason.ENCODING, () -> StrictCbor.item(bytes("bb8000000000000000"), 0));
    }
}
