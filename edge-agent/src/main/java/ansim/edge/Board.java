package ansim.edge;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a box is called before it is a unit. */
final class Board {
    private static final Path DEVICE_TREE = Path.of("/proc/device-tree/serial-number");
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");
    private static final int HASH_BYTES = 8;

    private Board() {}

    /** The number that the board's maker gave it; on other machines what systemd's machine id hashes to, for that one is confidential. */
    static String serial() {
        return serial(DEVICE_TREE, MACHINE_ID);
    }

    static String serial(Path deviceTree, Path machineId) {
        try {
            if (Files.isReadable(deviceTree)) {
                // The device tree ends its texts with a zero byte.
                String text =
                        Files.readString(deviceTree, StandardCharsets.US_ASCII).replaceAll("[^A-Za-z0-9._-]", "");
                if (!text.isEmpty()) {
                    return text;
                }
            }
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(("ansim.serial.v1" + Files.readString(machineId).strip()).getBytes(StandardCharsets.UTF_8));
            return "M-" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (IOException e) {
            throw new CommandFailure(
                    "this board has neither a serial number nor a machine id (" + e.getMessage() + ")",
                    "the name on its label: --serial NAME");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
