package ansim.profile;

import ansim.fuzz.FuzzTarget;
import java.util.List;
import java.util.Map;

/** Inputs that broke a promise once, by target. */
final class Found {
    private static final Map<String, List<byte[]>> ALL = Map.of(
            "decoder-pn532",
            FuzzTarget.hex(
                    "0040060000ff00ff0000090000ff02fed515160040ff00ff000000ff02fed533f80040100000ff00ff000000ff03fdd54b00e0004a"
                            + "060000ff00ff000a130000ff0cf400040804deadbeef96004a190000ff00ff000000ff0cf4d54b010100040804deadbeef9600"));

    private Found() {}

    static List<byte[]> by(String target) {
        return ALL.getOrDefault(target, FuzzTarget.hex());
    }
}
