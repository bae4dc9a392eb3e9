package ansim.hub.core;

import java.util.regex.Pattern;

/**
 * What the hub gets to know of a rider: not who it is.
 *
 * @param handle what the vault calls the rider of this one ride; two rides of one rider have two
 * @param home the code of the district in which the rider lives
 */
public record NamedRider(String handle, String home) {
    private static final Pattern HANDLE = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern HOME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,15}");

    public NamedRider {
        if (!HANDLE.matcher(handle).matches()) {
            throw new IllegalArgumentException("a rider's handle must be 32 hexadecimal digits");
        }
        if (!HOME.matcher(home).matches()) {
            throw new IllegalArgumentException("a rider's home must be a district's code");
        }
    }
}
