package ansim.hub.core;

import java.util.regex.Pattern;

/**
 * One district.
 *
 * @param code its official code: 1 to 16 letters, digits, dots, dashes or underscores, as it also stands in topics; never just "-"
 * @param name its name as its people write it
 * @param nameEn in English, the same as {@code name} if not given
 */
public record District(String code, String name, String nameEn) {
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,15}");

    /** Characters in a name at most. */
    public static final int MAX_NAME = 100;

    public District {
        if (!isCode(code)) {
            throw new IllegalArgumentException(
                    "a district's code must have 1 to 16 letters, digits, dots, dashes or underscores (got \"" + code
                            + "\")");
        }
    }

    static boolean isCode(String code) {
        return CODE.matcher(code).matches();
    }
}
