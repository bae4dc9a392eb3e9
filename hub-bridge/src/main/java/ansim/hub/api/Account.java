package ansim.hub.api;

import java.util.regex.Pattern;

/**
 * Somebody who may use the API.
 *
 * @param name 1 to 64 letters, digits, dots, dashes and underscores
 * @param role what it is for
 * @param scope the district's code for a centre, the company for a fleet, else empty
 */
public record Account(String name, Role role, String scope) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int MAX_SCOPE = 120;

    public Account {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "an account's name must have 1 to 64 letters, digits, dots, dashes or underscores (got \"" + name
                            + "\")");
        }
        if (scope.length() > MAX_SCOPE || scope.isBlank() == (role.scope() != Role.Scope.NONE)) {
            throw new IllegalArgumentException("an account of role " + role.word() + " must have "
                    + switch (role.scope()) {
                        case NONE -> "neither district nor company";
                        case DISTRICT -> "a district";
                        case COMPANY -> "a company";
                    });
        }
    }
}
