package ansim.hub.api;

import java.util.regex.Pattern;

/**
 * Somebody who may use the API.
 *
 * @param name 1 to 64 letters, digits, dots, dashes and underscores; of somebody whom the identity provider knows, {@code oidc:} and the subject
 * @param role what it is for
 * @param scope the district's code for a centre, the company for a fleet, else empty
 */
public record Account(String name, Role role, String scope) {
    /** No account that is kept here has a colon in its name: so nobody can be taken for somebody else. */
    private static final String PROVIDER = "oidc:";

    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}|" + PROVIDER + "[\\x21-\\x7e]{1,255}");
    private static final int MAX_SCOPE = 120;

    public Account {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "an account's name must have 1 to 64 letters, digits, dots, dashes or underscores (got \"" + name
                            + "\")");
        }
        if (!isScope(role, scope)) {
            throw new IllegalArgumentException("an account of role " + role.word() + " must have "
                    + switch (role.scope()) {
                        case NONE -> "neither district nor company";
                        case DISTRICT -> "a district";
                        case COMPANY -> "a company";
                    });
        }
    }

    static boolean isScope(Role role, String scope) {
        return scope.length() <= MAX_SCOPE && scope.isBlank() == (role.scope() == Role.Scope.NONE);
    }

    /** Somebody whom the identity provider knows, by its name for them. */
    static Account ofProvider(String subject, Role role, String scope) {
        return new Account(PROVIDER + subject, role, scope);
    }

    /** Whether the identity provider knows them, and not this hub. */
    boolean isOfProvider() {
        return name.startsWith(PROVIDER);
    }
}
