package ansim.hub.api;

import ansim.settings.Default;
import ansim.settings.Range;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The city's identity provider (OpenID Connect), whose tokens the API takes beside those of its own accounts.
 *
 * <pre>
 * api:
 *   oidc:
 *     issuer: https://id.city.example/realms/ansim
 *     audience: ansim-hub
 *     roles-claim: /realm_access/roles
 *     roles-prefix: "ansim-"                # ansim-operator, ansim-auditor, ansim-app, ansim-centre:11680, "ansim-fleet:한빛운수"
 *     roles: {8f14e45f-ceea: "centre 11680"}  # what the provider calls otherwise
 * </pre>
 *
 * @param issuer just as the tokens' {@code iss} has it; https, or http on a loopback address
 * @param audience what the tokens' {@code aud} must hold
 * @param rolesClaim the claim that says what somebody may, a text or a list of texts: its name, or where it is (RFC 6901) if it begins with a slash
 * @param rolesPrefix what a value of that claim must begin with to be one of ours
 * @param roles values of that claim that are not written as ours, and what they stand for: {@code operator}, {@code auditor}, {@code app},
 *     {@code centre DISTRICT} or {@code fleet COMPANY}
 * @param ca PEM, the authorities that the provider's certificate may come from; if not given, those that this Java trusts
 * @param keepKeys tokens are taken so long after the provider's keys were last had, 10 minutes to 30 days
 */
public record OidcSettings(
        URI issuer,
        String audience,
        @Default("roles") String rolesClaim,
        @Default("\"\"") String rolesPrefix,
        @Default("{}") Map<String, String> roles,
        Optional<Path> ca,

        @Default("24h") @Range(min = 600_000L, max = 2_592_000_000L)
        Duration keepKeys) {
    /** What a claim's value gives. */
    record Grant(Role role, String scope) {}

    private static final int MAX_TEXT = 255;
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

    public OidcSettings {
        if (!isSafe(issuer) || issuer.getRawQuery() != null || issuer.getRawFragment() != null) {
            throw new IllegalArgumentException("oidc.issuer must be https://HOST/..., as the provider says it in its"
                    + " tokens, or http:// on a loopback address (got \"" + issuer + "\")");
        }
        checkText("oidc.audience", audience);
        checkText("oidc.roles-claim", rolesClaim);
        if (rolesPrefix.length() > MAX_TEXT) {
            throw new IllegalArgumentException("oidc.roles-prefix must have at most " + MAX_TEXT + " characters");
        }
        roles.forEach((theirs, ours) -> {
            if (parse(ours).isEmpty()) {
                throw new IllegalArgumentException("oidc.roles must be operator, auditor, app, centre DISTRICT or fleet"
                        + " COMPANY (got \"" + ours + "\" for \"" + theirs + "\")");
            }
        });
        roles = Map.copyOf(roles);
    }

    private static void checkText(String name, String text) {
        if (text.isBlank() || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    name + " must have 1 to " + MAX_TEXT + " characters (got \"" + text + "\")");
        }
    }

    /** Whether what is read there comes from who it says it does. */
    static boolean isSafe(URI url) {
        String host = url.getHost();
        return host != null
                && url.getRawUserInfo() == null
                && ("https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && LOOPBACK.contains(host)));
    }

    /** What a value of the claim gives; empty when it is none of ours. */
    Optional<Grant> grant(String value) {
        String ours = roles.get(value);
        if (ours != null) {
            return parse(ours);
        }
        return value.startsWith(rolesPrefix) ? parse(value.substring(rolesPrefix.length())) : Optional.empty();
    }

    /** {@code operator}, or {@code centre:11680} with a colon or a blank. */
    private static Optional<Grant> parse(String text) {
        String[] parts = text.split("[: ]", 2);
        Optional<Role> role = Role.of(parts[0]);
        String scope = parts.length == 2 ? parts[1].strip() : "";
        return role.filter(each ->
                        Account.isScope(each, scope) && (parts.length == 2) == (each.scope() != Role.Scope.NONE))
                .map(each -> new Grant(each, scope));
    }

    /** What they call it where it is not written as ours; for messages. */
    static String written(Grant grant) {
        return grant.scope().isEmpty() ? grant.role().word() : grant.role().word() + " " + grant.scope();
    }

    /** The same issuer's address of a well-known document (OpenID Connect Discovery 1.0, 4). */
    URI discovery() {
        String text = issuer.toString();
        return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text)
                + "/.well-known/openid-configuration");
    }
}
