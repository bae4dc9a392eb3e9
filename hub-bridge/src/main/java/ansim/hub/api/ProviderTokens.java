package ansim.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.JoseException;

/**
 * Whose a token of the city's identity provider is: a JWT (RFC 7519), signed with one of the provider's keys, for this hub, in its time.
 *
 * <p>Guarantees that nothing but RS256, ES256 and EdDSA counts, that {@code iss}, {@code aud}, {@code exp} and {@code nbf} hold with {@link #LEEWAY}, and that
 * who has no role of ours, or more than one, does nothing. Does not know whether the provider has taken a token back: it holds until its {@code exp}.
 * Keeps no token. Any thread; waits for nobody.
 */
final class ProviderTokens implements AutoCloseable {
    /** By which the provider's clock may differ from ours. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final Pattern SUBJECT = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OidcSettings settings;
    private final ProviderKeys keys;

    private ProviderTokens(OidcSettings settings, ProviderKeys keys) {
        this.settings = settings;
        this.keys = keys;
    }

    /**
     * Begins to ask the provider; that it is down keeps nothing from starting.
     *
     * @throws IOException when the given authorities do not read
     */
    static ProviderTokens start(OidcSettings settings, InstantSource clock) throws IOException {
        ProviderDocuments documents = new ProviderDocuments(settings);
        return new ProviderTokens(settings, new ProviderKeys(documents::keys, settings.keepKeys(), clock));
    }

    /** Whether it may be one of these; the hub's own have no dots. */
    static boolean isOne(String token) {
        return token.indexOf('.') >= 0;
    }

    /**
     * Whose it is.
     *
     * @throws Problem 401 when it does not hold, 403 when it does and gives no role, 503 when that cannot be known now
     */
    Account account(String token, Instant now) throws Problem {
        JwtClaims claims = claims(token, now);
        String subject;
        try {
            subject = claims.getSubject();
        } catch (MalformedClaimException e) {
            throw refused("its sub is no text");
        }
        if (!SUBJECT.matcher(subject).matches()) {
            throw refused("its sub must have 1 to 255 ASCII characters without blanks");
        }
        OidcSettings.Grant grant = grant(claims);
        return Account.ofProvider(subject, grant.role(), grant.scope());
    }

    private JwtClaims claims(String token, Instant now) throws Problem {
        Key key = key(token);
        try {
            return new JwtConsumerBuilder()
                    .setJwsAlgorithmConstraints(ConstraintType.PERMIT, ProviderAlgorithm.words())
                    .setVerificationKey(key)
                    .setExpectedIssuer(true, settings.issuer().toString())
                    .setExpectedAudience(true, settings.audience())
                    .setRequireSubject()
                    .setRequireExpirationTime()
                    .setAllowedClockSkewInSeconds((int) LEEWAY.toSeconds())
                    .setEvaluationTime(NumericDate.fromMilliseconds(now.toEpochMilli()))
                    .build()
                    .processToClaims(token);
        } catch (InvalidJwtException e) {
            throw refused(reason(e));
        }
    }

    /** By what the header says; it is trusted only as far as the key then fits the signature. */
    private Key key(String token) throws Problem {
        JsonWebStructure read;
        try {
            read = JsonWebStructure.fromCompactSerialization(token);
        } catch (JoseException e) {
            throw refused("it is no JWT");
        }
        if (!(read instanceof JsonWebSignature)) {
            throw refused("it must be signed, not encrypted");
        }
        String word = String.valueOf(read.getAlgorithmHeaderValue());
        ProviderAlgorithm algorithm =
                ProviderAlgorithm.of(word).orElseThrow(() -> refused("it must be signed by RS256, ES256 or EdDSA"));
        String kid = read.getKeyIdHeaderValue();
        if (kid == null) {
            throw refused("it does not name its key (kid)");
        }
        return keys.find(kid, algorithm);
    }

    private static Problem refused(String why) {
        return new Problem(Problem.Kind.SIGN_IN, "the identity provider's token is not taken: " + why);
    }

    private String reason(InvalidJwtException e) {
        if (e.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
            return "its signature is wrong";
        }
        if (e.hasErrorCode(ErrorCodes.EXPIRED)) {
            return "it has expired (exp)";
        }
        if (e.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return "its time has not come (nbf)";
        }
        if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID) || e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "it is not for " + settings.audience() + " (aud)";
        }
        if (e.hasErrorCode(ErrorCodes.ISSUER_INVALID) || e.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return "it is not from " + settings.issuer() + " (iss)";
        }
        if (e.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
            return "it has no end (exp)";
        }
        if (e.hasErrorCode(ErrorCodes.SUBJECT_MISSING)) {
            return "it has no subject (sub)";
        }
        return "it does not read";
    }

    /** One and no more: of two nobody could say which was meant. */
    private OidcSettings.Grant grant(JwtClaims claims) throws Problem {
        JsonNode claim = claim(claims);
        Set<OidcSettings.Grant> grants = new LinkedHashSet<>();
        if (claim.isTextual()) {
            settings.grant(claim.asText()).ifPresent(grants::add);
        }
        for (JsonNode each : claim) {
            if (each.isTextual()) {
                settings.grant(each.asText()).ifPresent(grants::add);
            }
        }
        if (grants.size() == 1) {
            return grants.iterator().next();
        }
        throw new Problem(
                Problem.Kind.FORBIDDEN,
                grants.isEmpty()
                        ? "the token's claim " + settings.rolesClaim() + " gives no role of this hub"
                        : "the token's claim " + settings.rolesClaim() + " gives more than one role of this hub: "
                                + grants.stream().map(OidcSettings::written).toList());
    }

    private JsonNode claim(JwtClaims claims) throws Problem {
        try {
            JsonNode all = JSON.readTree(claims.getRawJson());
            return settings.rolesClaim().startsWith("/")
                    ? all.at(settings.rolesClaim())
                    : all.path(settings.rolesClaim());
        } catch (IOException e) {
            throw refused("its claims do not read");
        }
    }

    Map<String, Long> counts() {
        return keys.counts();
    }

    @Override
    public void close() {
        keys.close();
    }
}
